"""Labels with sentences beside them, lined up with the fields of a form; long ones wrap under themselves."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from certtui.widgets.safe_text import SafeText


class Facts(Vertical):
    """(label, text) pairs, raw, set from outside with `tell`."""

    DEFAULT_CSS = """
    Facts { height: auto; }
    Facts > Horizontal { height: auto; display: none; }
    Facts > Horizontal.-shown { display: block; }
    Facts .label { width: 14; color: $certtui-dim; }
    Facts .text { width: 1fr; }
    """
    MOST = 8

    def compose(self) -> ComposeResult:
        for _ in range(self.MOST):
            with Horizontal():
                yield SafeText("", classes="label")
                yield SafeText("", classes="text")

    def tell(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show these, at most `MOST`."""
        for index, line in enumerate(self.query(Horizontal)):
            label, text = pairs[index] if index < len(pairs) else ("", "")
            line.set_class(index < len(pairs), "-shown")
            line.query_one(".label", SafeText).say(label)
            line.query_one(".text", SafeText).say(text)

    @property
    def text(self) -> str:
        """What is shown; for tests."""
        return "\n".join(line.raw for line in self.query(".text").results(SafeText) if line.raw)
