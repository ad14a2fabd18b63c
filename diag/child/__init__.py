"""What runs inside the user's interpreter: standard library only, Python 3.9 and newer, no import of ours.

`start.py` is run by the user's Python in place of the user's script; it loads this folder as the
package `_diag_child`, so that nothing called `diag` appears in the user's program, installs the
hooks, reports that they are on board, and only then runs the script.
"""
