"""What people do to a policy, from the list and from its page alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.model.policy import SOFT
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.model.policy import Policy, PolicyDryRun, PolicyWaiver


class ActsOnPolicies(Place):
    """Edit, try, put in force, waive, delete."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def policy_id(self) -> int | None:
            """The one that the act is for."""

    def removed(self) -> None:
        """The policy is gone."""
        self.changed()

    def do_policy_edit(self) -> None:
        self._with_policy(lambda policy: self.open_screen("certtui.screens.policy_form:PolicyFormScreen", policy))

    def do_policy_try(self) -> None:
        """A dry run over the inventory."""
        self._with_policy(lambda policy: try_policy(self, policy))

    def do_policy_switch(self) -> None:
        """Into force, after a dry run if the person likes; or out of it."""
        self._with_policy(self._switch)

    def _switch(self, policy: Policy) -> None:
        from certtui.widgets.dialogs import Choose, Confirm

        if policy.row.enabled:
            lines = [f"What {policy.name} asks for is asked no more. What passed stays as it is."]
            self.app.push_screen(
                Confirm(
                    f"Take {policy.name} out of force",
                    lines,
                    "Out of force",
                    command=f"certtui policy disable {policy.id}",
                ),
                lambda yes: self._put(policy, enabled=False) if yes else None,
            )
            return
        what = "asks for a word" if policy.row.outcome == SOFT else "refuses"
        lines = [f"From then on it {what} where a request or an import does not meet it.", ""]
        options = [("try", "Try it on the inventory first"), ("now", "Put it in force now")]

        def answered(answer: str | None) -> None:
            if answer == "try":
                try_policy(self, policy)
            elif answer == "now":
                self._put(policy, enabled=True)

        command = f"certtui policy enable {policy.id}"
        self.app.push_screen(Choose(f"Put {policy.name} in force", options, lines=lines, command=command), answered)

    def _put(self, policy: Policy, *, enabled: bool) -> None:
        put_in_force(self, policy, enabled=enabled, done=lambda _: self.changed())

    def do_policy_waive(self) -> None:
        """A waiver, for a soft policy."""

        def show(policy: Policy) -> None:
            if policy.row.outcome != SOFT:
                self.say(
                    f"{policy.name} is hard: nothing is waived from it. Make it soft, or narrow its scope.", "warn"
                )
                return
            from certtui.screens.policy_waive import WaiveDialog

            def waived(waiver: PolicyWaiver | None) -> None:
                if waiver is not None:
                    self.changed()
                    self.say(f"Waived until {waiver.expires_at:%Y-%m-%d}; {waiver.owner} answers for it.", "ok")

            self.app.push_screen(WaiveDialog(self, policy), waived)

        self._with_policy(show)

    def do_policy_delete(self) -> None:
        def show(policy: Policy) -> None:
            from certtui.widgets.dialogs import Confirm

            lines = [f"What it asks for is asked no more{', from now on' if policy.row.enabled else ''}."]
            count = len(policy.waivers)
            if count:
                lines.append(f"{'A waiver goes' if count == 1 else f'{count} waivers go'} with it.")
            lines.append("It can't be brought back; `certtui policy show --format json` keeps a copy.")
            command = f"certtui policy remove {policy.id} --yes"
            self.app.push_screen(
                Confirm(f"Remove {policy.name}", lines, "Remove", danger=True, command=command),
                lambda yes: self._remove(policy) if yes else None,
            )

        self._with_policy(show)

    def _remove(self, policy: Policy) -> None:
        def done(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Removed {policy.name}.", "ok")

        self.work(lambda: self.backend.policies.remove(policy.id, policy.version), done=done, to_the_end=True)

    def _with_policy(self, then: Callable[[Policy], object]) -> None:
        policy_id = self.policy_id()
        if policy_id is None:
            self.say("There is no row here.", "warn")
            return
        self.work(lambda: self.backend.policies.get(policy_id), done=then, key="target")


def try_policy(screen: Place, policy: Policy) -> None:
    """A dry run behind a bar that can be cancelled, then what it found."""
    backend = screen.backend

    def done(run: PolicyDryRun) -> None:
        screen.open_screen("certtui.screens.policy_run:PolicyRunScreen", policy, run)

    screen.work_long(
        f"Trying {policy.name}",
        lambda progress: backend.policies.dry_run(policy.id, progress),
        done=done,
        command=f"certtui policy dry-run {policy.id}",
    )


def put_in_force(screen: Place, policy: Policy, *, enabled: bool, done: Callable[[Policy], object]) -> None:
    """Put it in force, or out of it, as it was seen; says so on the screen."""
    from certtui.model.policy import PolicyForm

    backend = screen.backend

    def put() -> Policy:
        return backend.policies.edit(policy.id, policy.version, PolicyForm(enabled=enabled))

    def is_put(now: Policy) -> None:
        done(now)
        screen.say(f"{now.name} is {'in force' if enabled else 'not in force any more'}.", "ok")

    def failed(error: CerttuiError) -> None:
        screen.fail(error)

    screen.work(put, done=is_put, failed=failed, to_the_end=True)
