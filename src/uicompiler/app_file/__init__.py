"""Loading an app: from its folder (`app.yaml` or `app.json`, code beside it), or from a module.

`source` the file, and the line of every place in it · `shape` which keys it has · `problems` what
pydantic found, as findings with a pointer, a line and a hint · `judge` what must hold between
actions, forms, wizards and views · `load` the whole.
"""

from uicompiler.app_file.load import load_app
from uicompiler.app_file.shape import ActionFile, AppFile

__all__ = ["ActionFile", "AppFile", "load_app"]
