"""What an expression can be, across files: one circle of mutually recursive questions."""
