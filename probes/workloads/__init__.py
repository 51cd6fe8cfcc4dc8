"""What several measures share: data, inputs, training loops, agreement."""
