"""A decision in words: the verdict, reasons for and against, what would turn it, what to find out next."""
