"""One module by itself: its tree, its scopes, what each name is bound to."""
