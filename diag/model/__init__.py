"""A Python tree, understood: sources, scopes, inference, and the sites worth judging."""
