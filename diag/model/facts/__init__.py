"""What is known of code that is not at hand: bundled facts of SDKs, calls that block."""
