"""Reminding those who have not answered: words to copy, or by mail where that is set up and the address is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.directory.rounds import running_round
from app.directory.rounds_queries import get_form
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.notices.addresses import clean_address
from app.notices.outbox import is_mail_on, queue_mail
from app.problems import Invalid
from models.directory import Organization
from models.directory_rounds import ConfirmationForm, ConfirmationReminder, ConfirmationRound, ConfirmationState
from models.people import Role

#: Groups shown, and words shown to be copied, at once.
MOST = 1_000


def address_of(organization: Organization) -> str | None:
    """The group's mail address; "" for one that no mail server takes, None for none."""
    if not organization.email:
        return None
    try:
        return clean_address(organization.email)
    except Invalid:
        return ""


def remind(
    session: Session, *, actor: Actor, round_id: int, form_ids: Iterable[int], by_mail: bool = False
) -> list[ConfirmationReminder]:
    """Write down that these groups are reminded; returns the words. by_mail: groups with an address get them by mail."""
    one = running_round(session, actor, round_id)
    with act(session, actor, "confirmation-round:remind", "年次確認の督促"):
        reminders = []
        for form_id in dict.fromkeys(form_ids):
            form = get_form(session, actor, form_id)
            if form.round_id != one.id or form.state is not ConfirmationState.WAITING:
                continue
            text = reminder_text(one, form.organization)
            reminder = ConfirmationReminder(form=form, reminded_by_id=actor.user_id, text=text)
            session.add(reminder)
            session.flush()
            if by_mail and is_mail_on():
                reminder.is_mailed = _send(session, actor, one, form.organization, text)
            reminders.append(reminder)
        if not reminders:
            raise Invalid("督促する団体を選んでください。")
    return reminders


def written_since(session: Session, actor: Actor, round_id: int, first_id: int) -> Sequence[ConfirmationReminder]:
    """What the actor wrote down from that reminder on, to be copied: at most MOST, in the order of writing."""
    mine = ConfirmationReminder.reminded_by_id == actor.user_id
    return session.scalars(
        scoped(ConfirmationReminder, actor)
        .join(ConfirmationForm, ConfirmationForm.id == ConfirmationReminder.form_id)
        .where(ConfirmationForm.round_id == round_id, ConfirmationReminder.id >= first_id, mine)
        .order_by(ConfirmationReminder.id)
        .limit(MOST)
    ).all()


def _send(session: Session, actor: Actor, one: ConfirmationRound, organization: Organization, text: str) -> bool:
    """Put it into the outbox; False where there is no address to send it to: the others are sent all the same."""
    address = address_of(organization)
    if not address:
        return False
    queue_mail(
        session,
        actor=actor,
        issuer=Role.CENTER,
        to_name=organization.name,
        to_address=address,
        title=f"登録内容の確認({format_fiscal_year(one.fiscal_year)})のお願い",
        body=text,
    )
    return True


def reminder_text(one: ConfirmationRound, organization: Organization) -> str:
    """What a group is told that has not answered."""
    year, due = format_fiscal_year(one.fiscal_year), format_date(one.due_on)
    is_late = today_in_tokyo() > one.due_on
    lead = (
        f"登録内容の確認({year})のご回答を、{due}までにお願いしておりましたが、まだ届いておりません。"
        if is_late
        else f"登録内容の確認({year})のご回答期限は、{due}です。"
    )
    return (
        f"{organization.name} 御中\n\n"
        f"いつもお世話になっております。小平市民活動支援センターあすぴあです。\n{lead}\n"
        "お渡しした様式(Excel)の内容を確かめ、変わったところを直して、お送りください。"
        "変わりがない場合も、「記入者」と「記入日」を書いてお送りください。\n"
        "ご回答がないと、市民活動団体データ集「むすぶ」に掲載できないことがあります。\n"
        "様式が見当たらないときは、お知らせください。お送りします。\n"
    )
