"""Which attributes a module may bind on its classes or on their objects, from its text alone.

A superset of what the syntax tree shows, found in a small part of the time: whoever looks for an attribute in
all subclasses of a class need parse only the modules that may bind it.
"""

import re

# a line that begins with a compound statement, an import, or targets of an assignment
_LINE = re.compile(
    rb"^([ \t]*+)(?:(?:async[ \t]++)?(def|class|for|from|import|if|else|try|with|while)\b[ \t]*+([^\n]*+)"
    rb"|((?:[(\[*]*+[\w.]++(?:\[[^\]\n]*+\])?+[)\] \t]*+(?:[,:]|=(?!=)|[-+*/%&|^@<>]++=)[ \t]*+)++))",
    re.M,
)
_TARGET = re.compile(rb"(\.?)(\w+)[ \t)\]]*(?:[,:=]|[-+*/%&|^@<>]+=)")
# targets in the middle of a line: `with a as self.b`, `if a: self.b = c`
_INSIDE = (
    re.compile(rb" as (?:\w+\.)*(\w+)"),
    re.compile(rb"(?:[:;][ \t]*+(?:\w++\.)++|;[ \t]*+)(\w++)[ \t]*+=(?!=)"),
)
_WORD = re.compile(rb"\w+")
_BINDING = (b"class", b"for", b"from", b"import")
_NOWHERE = 1 << 30


def bound_names(raw: bytes) -> set[bytes]:
    """Names that the text may bind in a class body or on an object, without those of local variables."""
    out: set[bytes] = set()
    for pattern in _INSIDE:
        out.update(pattern.findall(raw))
    function = _NOWHERE  # how far the outermost function around the line is indented
    for match in _LINE.finditer(raw):
        space, keyword, rest, targets = match.groups()
        indent = len(space)
        if indent <= function:
            function = _NOWHERE
        if targets is not None:
            local = indent > function or not indent
            out.update(name for dot, name in _TARGET.findall(targets) if dot or not local)
        elif keyword == b"def":
            out.update(_WORD.findall(rest, 0, rest.find(b"(")) if indent else ())
            function = min(function, indent)
        elif keyword in _BINDING:
            out.update(_WORD.findall(rest) if indent else ())
            if keyword == b"class":
                function = _NOWHERE
    return out
