"""Where text comes from: files, ignore patterns, the environment of the judged program."""
