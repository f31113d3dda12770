"""Choosing a file for a field of a form instead of typing its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.base import Place
from certtui.widgets.path_input import PathInput

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.widgets.form_field import Field


class BrowsesForFiles(Place):
    """A page with fields, some of which may take files."""

    if TYPE_CHECKING:

        @property
        def all_fields(self) -> dict[str, Field]: ...

    def offers(self, action: Action) -> bool:
        """Browsing only where there is a file to choose."""
        if action.id == "form.browse" and not any(
            isinstance(field.editor, PathInput) for field in self.all_fields.values()
        ):
            return False
        return super().offers(action)

    def do_form_browse(self) -> None:
        """Choose a file for the field one is in, or for the first that takes one."""
        from certtui.widgets.browse import Browse

        fields = [
            field for field in self.all_fields.values() if isinstance(field.editor, PathInput) and field.is_on_screen
        ]
        here = next((field for field in fields if field.editor.has_focus), None) or next(iter(fields), None)
        if here is None:
            self.say("There is no file to choose in this form.")
            return
        editor = here.editor
        assert isinstance(editor, PathInput)  # noqa: S101  # chosen above
        self.app.push_screen(Browse(editor.value, folders=editor.folders_only), lambda path: self._browsed(here, path))

    def _browsed(self, field: Field, path: str | None) -> None:
        if path is not None:
            field.put(path)
        field.focus_editor()
