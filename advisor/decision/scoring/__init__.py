"""Value functions, weights, SMAA-2 and sensitivity: arrays in, arrays out. Knows nothing of frameworks or pages."""
