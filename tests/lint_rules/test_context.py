"""What a rule can ask of its context, beyond what our own rules ask."""

import ast
from pathlib import Path

from diag.lint.context import Context, ModuleContext
from diag.model.infer.async_names import AsyncNames
from diag.model.infer.infer import Infer
from diag.model.infer.project import Project
from diag.model.source.environment import Environment

CODE = b"""
def price(client):
    last = None
    try:
        last = client.fetch()
    except Exception:
        print("no price")
    return last
"""


def test_the_flow_of_a_function_tells_what_reaches_a_step(tmp_path: Path) -> None:
    project = Project([(tmp_path / "bot.py", CODE)], Environment(), tmp_path)
    (module,) = project.judged
    home = ModuleContext(Infer(project), module, AsyncNames(project), fixing=False, show_unknown=False)
    context = Context(home, module.scopes()[1])
    flow = context.flow()
    assert [handler.ends for handler in flow.graph.handlers] == [{"falls through"}]
    (read,) = [node for node in flow.graph.nodes if node.action == "load" and node.name == "last"]
    reaching = [each.node for each in flow.before(read, "last") if each.node is not None]
    assert sorted(ast.unparse(node.value) for node in reaching if node.value) == ["None", "client.fetch()"]
    assert context.flow() is flow  # made once
