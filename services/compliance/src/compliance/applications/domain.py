"""A form with its conditions, optional services and published steps, and a customer's application by it.

Nothing optional is ever a condition (M058): a form that makes an option mandatory is refused, and an
application goes on whatever the customer chooses. He chooses himself, after he was shown the conditions::

    OPENED ──choice──▶ CHOSEN ──step…──▶ CHOSEN ──decision──▶ APPROVED      either ──▶ DECLINED, WITHDRAWN

It goes on while it can be approved (REV-01). After that it is declined or withdrawn, which is never too late.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.applications.events import ApplicationDecided
from compliance.periods.domain import legal_date


class FormKind(StrEnum):
    """What is applied for."""

    ACCOUNT = "ACCOUNT"
    LOAN = "LOAN"
    CARD = "CARD"


class ApplicationState(StrEnum):
    """How far an application is."""

    OPENED = "OPENED"
    CHOSEN = "CHOSEN"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class Outcome(StrEnum):
    """What the bank decides."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class IdentityMethod(StrEnum):
    """How the applicant's identity was checked; its particulars stay in the system that checked it."""

    DOCUMENT_READER = "DOCUMENT_READER"
    REGISTER_QUERY = "REGISTER_QUERY"
    FACE_COMPARISON = "FACE_COMPARISON"


class TyingForbidden(Invalid):
    """M058: what is offered along with something is never its condition."""

    code = "TYING_FORBIDDEN"
    zh = "不得捆绑、搭售:可选服务 {option} 不得设为必选;请改为由客户自愿选择。"
    en = "Nothing is tied or bundled: the option {option} must not be mandatory; leave it to the customer."


class FormInvalid(Invalid):
    """Codes of options and of steps are unique within their form."""

    code = "APPLICATION_FORM_INVALID"
    zh = "申请表的可选服务或流程步骤代码重复;请更正。"
    en = "The form names an option or a step twice; correct it."


class OptionUnknown(Invalid):
    """Only what the form offers is chosen."""

    code = "APPLICATION_OPTION_UNKNOWN"
    zh = "申请表中没有可选服务 {option},或重复选择;请按申请表选择。"
    en = "The form offers no option {option}, or it is chosen twice; choose from the form."


class ConditionsNotShown(Invalid):
    """M135: conditions come before the choice."""

    code = "APPLICATION_CONDITIONS_NOT_SHOWN"
    zh = "客户尚未确认已阅知办理条件;请先出示办理条件。"
    en = "The customer has not said that he was shown the conditions; show them first."


class ApplicationIsOver(Conflict):
    """What is decided or withdrawn does not go on."""

    code = "APPLICATION_OVER"
    zh = "该申请已结束;如需办理请重新申请。"
    en = "The application is over; open another one."


class ChoiceMade(Conflict):
    """The customer chooses once; another choice is another application."""

    code = "APPLICATION_CHOICE_MADE"
    zh = "客户已作出选择;如需变更请撤回后重新申请。"
    en = "The customer has chosen already; withdraw the application and open another to change it."


class ChoiceMissing(Conflict):
    """M135: nothing goes on before the customer's own choice."""

    code = "APPLICATION_CHOICE_MISSING"
    zh = "客户尚未自愿作出选择;请由客户本人先确认。"
    en = "The customer has not chosen yet; let him do so himself first."


class IdentityNotChecked(Conflict):
    """M135: nobody's application is approved under another's name."""

    code = "APPLICATION_IDENTITY_NOT_CHECKED"
    zh = "申请人身份尚未核实通过;请先核实身份。"
    en = "The applicant's identity has not been established; check it first."


class StepOutOfOrder(Conflict):
    """The published steps are taken in their order; ``expected`` is the next one."""

    code = "APPLICATION_STEP_OUT_OF_ORDER"
    zh = "应按公开流程办理,下一步为 {expected};请按顺序登记。"
    en = "The published steps are taken in their order, and {expected} is next; record that one."


@dataclass(frozen=True, kw_only=True)
class Option:
    """A service offered along with what is applied for."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class FormStep:
    """A published step, and the natural days within which it is taken after the one before."""

    code: str
    name_zh: str
    name_en: str
    days: int


@dataclass(kw_only=True)
class Form:
    """A published form; it never changes, another wording is another form (D1)."""

    id: UUID
    code: str
    kind: FormKind
    conditions_zh: str
    conditions_en: str
    options: tuple[Option, ...]
    steps: tuple[FormStep, ...]
    published_by: str
    published_at: datetime

    def __post_init__(self) -> None:
        for codes in ([one.code for one in self.options], [one.code for one in self.steps]):
            if len(set(codes)) < len(codes):
                raise FormInvalid


def check_voluntary(mandatory: Collection[str]) -> None:
    """M058: raises :class:`TyingForbidden` where an option is to be mandatory."""
    for code in mandatory:
        raise TyingForbidden(option=code, pointer="/options")


@dataclass(kw_only=True)
class Choice:
    """The customer's own choice after he was shown the conditions; choosing nothing is one too (D1)."""

    application_id: UUID
    options: tuple[str, ...]
    chosen_by: str
    chosen_at: datetime


@dataclass(kw_only=True)
class IdentityCheck:
    """One check of the applicant's identity and how it came out (D1)."""

    id: UUID
    application_id: UUID
    application_version: int
    method: IdentityMethod
    passed: bool
    checked_by: str
    checked_at: datetime


@dataclass(kw_only=True)
class StepTaken:
    """A published step was taken (D1)."""

    application_id: UUID
    position: int
    application_version: int
    taken_by: str
    taken_at: datetime


@dataclass(kw_only=True)
class Ending:
    """How the application ended, and why in words for the customer (D1)."""

    application_id: UUID
    state: ApplicationState
    reason: str | None
    ended_by: str
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class Progress:
    """M135: a published step as the customer sees it: until when it is due, when it was taken."""

    step: FormStep
    due_on: date | None
    taken_at: datetime | None


@dataclass(kw_only=True)
class Application:
    """The aggregate; its choice, checks, steps and ending are records of their own."""

    id: UUID
    version: int
    form_id: UUID
    customer_id: UUID
    outlet_id: UUID
    state: ApplicationState
    opened_by: str
    opened_at: datetime
    choice: Choice | None = None
    ending: Ending | None = None
    checks: list[IdentityCheck] = field(default_factory=list)
    steps: list[StepTaken] = field(default_factory=list)

    def must_run(self) -> None:
        """Raises :class:`ApplicationIsOver`."""
        if self.state not in (ApplicationState.OPENED, ApplicationState.CHOSEN):
            raise ApplicationIsOver

    def choose(
        self, form: Form, options: tuple[str, ...], *, conditions_shown: bool, by: str, at: datetime
    ) -> None:
        """The customer chooses some of the options, or none.

        Raises :class:`ApplicationIsOver`, :class:`ChoiceMade`, :class:`ConditionsNotShown`,
        :class:`OptionUnknown`.
        """
        self.must_run()
        if self.choice is not None:
            raise ChoiceMade
        if not conditions_shown:
            raise ConditionsNotShown(pointer="/conditions_shown")
        offered = [option.code for option in form.options]
        for option in options:
            if option not in offered or options.count(option) > 1:
                raise OptionUnknown(option=option, pointer="/options")
        self.version += 1
        self.state = ApplicationState.CHOSEN
        self.choice = Choice(application_id=self.id, options=options, chosen_by=by, chosen_at=at)

    def check_identity(
        self, check_id: UUID, *, method: IdentityMethod, passed: bool, by: str, at: datetime
    ) -> None:
        """The applicant's identity was checked; the last check counts. Raises :class:`ApplicationIsOver`."""
        self.must_run()
        self.version += 1
        self.checks.append(
            IdentityCheck(
                id=check_id,
                application_id=self.id,
                application_version=self.version,
                method=method,
                passed=passed,
                checked_by=by,
                checked_at=at,
            )
        )

    def take_step(self, form: Form, code: str, *, by: str, at: datetime) -> None:
        """The next published step was taken.

        Raises :class:`ApplicationIsOver`, :class:`ChoiceMissing`, :class:`StepOutOfOrder`.
        """
        self.must_run()
        if self.choice is None:
            raise ChoiceMissing
        left = form.steps[len(self.steps) :]
        if not left or left[0].code != code:
            raise StepOutOfOrder(expected=left[0].code if left else "–")
        self.version += 1
        self.steps.append(
            StepTaken(
                application_id=self.id,
                position=len(self.steps),
                application_version=self.version,
                taken_by=by,
                taken_at=at,
            )
        )

    def decide(
        self, form: Form, outcome: Outcome, *, reason: str | None, by: str, at: datetime
    ) -> ApplicationDecided:
        """The bank decides. An approval needs the choice, the identity and every step; a refusal nothing.

        Raises :class:`ApplicationIsOver`, :class:`ChoiceMissing`, :class:`IdentityNotChecked`,
        :class:`StepOutOfOrder`.
        """
        self.must_run()
        orders: tuple[str, ...] = ()
        if outcome is Outcome.APPROVED:
            if self.choice is None:
                raise ChoiceMissing
            if not self.identified:
                raise IdentityNotChecked
            if left := form.steps[len(self.steps) :]:
                raise StepOutOfOrder(expected=left[0].code)
            orders = self.choice.options
        return self._end(ApplicationState(outcome.value), orders, reason=reason, by=by, at=at)

    def withdraw(self, *, by: str, at: datetime) -> ApplicationDecided:
        """The customer takes it back; no reason is asked for. Raises :class:`ApplicationIsOver`."""
        self.must_run()
        return self._end(ApplicationState.WITHDRAWN, (), reason=None, by=by, at=at)

    @property
    def identified(self) -> bool:
        """Whether the last check of the applicant's identity passed."""
        return bool(self.checks) and self.checks[-1].passed

    def progress(self, form: Form) -> list[Progress]:
        """M135: each published step with its day; what comes after an untaken step has none yet."""
        before = None if self.choice is None else self.choice.chosen_at
        found = []
        for position, step in enumerate(form.steps):
            due_on = None if before is None else legal_date(before) + timedelta(days=step.days)
            taken = next((one.taken_at for one in self.steps if one.position == position), None)
            found.append(Progress(step=step, due_on=due_on, taken_at=taken))
            before = taken
        return found

    def _end(
        self, state: ApplicationState, orders: tuple[str, ...], *, reason: str | None, by: str, at: datetime
    ) -> ApplicationDecided:
        self.state = state
        self.version += 1
        self.ending = Ending(application_id=self.id, state=state, reason=reason, ended_by=by, ended_at=at)
        return ApplicationDecided(
            version=self.version,
            occurred_at=at,
            application_id=self.id,
            form_id=self.form_id,
            customer_id=self.customer_id,
            outlet_id=self.outlet_id,
            outcome=state.value,
            orders=orders,
        )
