"""Demonstration reviews, one in each stage: declaring, papers opened, interview, meeting, concluded, decided, corrected.

(The call in which papers are being scored is `seed.demo_reviews`.) Conflicts of each kind, a sheet voided after sealing,
one unsealed and sealed again, one entered from paper, a veto, a tie at the budget line with the remainder to be taken.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.calls.proposal_values import PartnerRow
from app.directory.affiliations import tell_affiliation
from app.directory.merging import merge
from app.directory.services import create_organization
from app.japanese.dates import fiscal_year_of
from app.japanese.normalize import fold_name
from app.reviews import concluding, conflicts, declarations, paper_sheets, setting_up, sheets
from app.reviews.conflicts import settle_suspicion
from models.directory import OrganizationKind, OrganizationSource
from models.directory_records import Affiliation, AffiliationRole, OrganizationOfficer
from models.review_conflicts import Conflict, ConflictSuspicion, InterestKind
from models.review_sheets import ScoreSheet
from models.reviews import ReviewStage
from seed.demo_call_scene import DAY, Scene
from seed.demo_review_cases import Case, build, scan, scene_of, settings
from seed.demo_review_ends import concluded, corrected, decided, plan_meeting
from seed.demo_review_ideas import OPERATOR

DOCUMENT, INTERVIEW = ReviewStage.DOCUMENT, ReviewStage.INTERVIEW
#: The login of the committee, and the others.
ME = "committee"


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Within the act of the whole set. Nothing where the groups or the members of the committee are not there."""
    scene = scene_of(session, actor, today)
    if scene is None or len(setting_up.seats(session, today)) < 7:
        return
    year = fiscal_year_of(today) + (1 if today.month in (1, 2, 3) else 0)
    _declaring(scene, year)
    _papers_opened(scene, year)
    _interviewing(scene, year)
    ahead = _meeting(scene, year)
    concluded(scene, year)
    decided(scene, year)
    corrected(scene, year)
    # The last of the year's meetings takes the last of its numbers.
    plan_meeting(ahead, scene.today + 5 * DAY)


def _declaring(scene: Scene, year: int) -> None:
    """Two have signed; conflicts by membership, and by a partner's merged record; two equal names to be looked at."""
    operator = scene.groups[OPERATOR]
    case = build(
        scene,
        "declaring",
        "利害関係の申告",
        fiscal_year=year,
        budget_yen=200_000,
        dates={"declarations_due_on": scene.today + 5 * DAY, "document_due_on": scene.today + 14 * DAY},
        partners={1: PartnerRow(operator.name, "講師の紹介", operator.id)},
    )
    former = create_organization(
        scene.session,
        actor=scene.actor,
        values={
            "name": "架空市民活動サポート準備会",
            "reading": "かくうしみんかつどうさぽーとじゅんびかい",
            "kind": OrganizationKind.CIVIC_GROUP,
        },
        source=OrganizationSource.DEMO,
    )
    merge(scene.session, actor=scene.actor, absorbed=former, into=operator, reason="法人になる前の記録のため(デモ)")
    _affiliate(case, "committee4", case.proposals[0].organization_id, AffiliationRole.MEMBER)
    _affiliate(case, "committee5", former.id, AffiliationRole.EMPLOYEE)
    _officer(case, "committee5", 2)
    _officer(case, "committee2", 1)
    setting_up.look_for_conflicts(scene.session, actor=scene.actor, call_id=case.call.id)
    case.declare("committee3")
    case.declare("committee6", interest=(0, InterestKind.TRADE, "会場の備品を納めている(デモ)"))


def _papers_opened(scene: Scene, year: int) -> None:
    """All have sealed the papers. One sheet was sealed anew after the opening; one became void when an interest was found."""
    case = build(
        scene,
        "papers_opened",
        "書類審査がそろった",
        fiscal_year=year,
        budget_yen=150_000,
        dates={
            "declarations_due_on": scene.today - 12 * DAY,
            "document_due_on": scene.today - 2 * DAY,
            "interview_on": scene.today + 6 * DAY,
            "interview_due_on": scene.today + 8 * DAY,
        },
    )
    _officer(case, "committee6", 0)
    _officer(case, "committee3", 1)
    _affiliate(case, "committee7", case.proposals[2].organization_id, AffiliationRole.EMPLOYEE)
    setting_up.look_for_conflicts(scene.session, actor=scene.actor, call_id=case.call.id)
    _settle(case)
    derived = scene.session.scalars(
        select(Conflict).where(Conflict.member_id == case.members["committee7"].id, Conflict.lifted_at.is_(None))
    ).one()
    conflicts.lift_conflict(
        scene.session,
        actor=case.office,
        conflict_id=derived.id,
        reason="1日だけの臨時の職員で、審査に関わる立場にないことを本人と団体に確かめた(デモ)",
    )
    for login in case.members:
        told = (1, InterestKind.ADVICE, "応募の相談を受け、計画を直した(デモ)") if login == "committee4" else None
        case.declare(login, interest=told)
    case.seal_all(((4, 4, 3, 5), (3, 3, 4, 2), (4, 2, 3, 3)))
    again = _sheet(case, "committee3", 0)
    sheets.unseal(scene.session, actor=case.office, sheet_id=again.id, reason="項目を取り違えたとの申出(デモ)")
    case.seal("committee3", 0, (4, 4, 4, 5), seen=sheets.seen_of(scene.session, again))
    conflicts.set_conflict(
        scene.session,
        actor=case.office,
        member_id=case.members["committee5"].id,
        proposal_id=case.proposals[2].id,
        kind=InterestKind.TRADE,
        reason="採点の後に、団体から謝礼を受けていたことが分かった(デモ)",
    )


def _interviewing(scene: Scene, year: int) -> None:
    """After the interviews: four have sealed, one is absent, one sheet came on paper, the login of the committee is half through."""
    case = build(
        scene,
        "interviewing",
        "面接審査の採点",
        fiscal_year=year,
        budget_yen=160_000,
        dates={
            "declarations_due_on": scene.today - 20 * DAY,
            "document_due_on": scene.today - 8 * DAY,
            "interview_on": scene.today - 1 * DAY,
            "interview_due_on": scene.today + 3 * DAY,
        },
    )
    for login in case.members:
        if login == "committee7":
            _declare_on_paper(case, login)
        told = (2, InterestKind.OTHER, "同じ講座で講師を務めている(デモ)") if login == "committee5" else None
        case.declare(login, interest=told)
    case.seal_all(((4, 3, 4, 4), (3, 4, 3, 3), (4, 4, 5, 3)))
    setting_up.record_absence(
        scene.session,
        actor=case.office,
        member_id=case.members["committee6"].id,
        stage=INTERVIEW,
        reason="面接の当日、市の会議に出席したため(デモ)",
    )
    for login in ("committee2", "committee3"):
        for place in range(3):
            case.seal(login, place, (4, 3, 4), INTERVIEW)
    case.seal(ME, 0, (3, 4, 4), INTERVIEW)
    sheets.save_draft(
        scene.session,
        actor=case.acting(ME),
        proposal_id=case.proposals[1].id,
        stage=INTERVIEW,
        values=case.values((3, 3, 3), INTERVIEW),
        seen=0,
    )
    _seal_on_paper(case, "committee7", 0)


def _meeting(scene: Scene, year: int) -> Case:
    """Before the meeting: a clear first and second, a tie where the budget ends, a veto, one below the minimum."""
    case = build(
        scene,
        "meeting",
        "審査会の会議の前",
        fiscal_year=year,
        budget_yen=220_000,
        preset="public-interest-veto",
        keeps=(DOCUMENT,),
        dates={"declarations_due_on": scene.today - 20 * DAY, "document_due_on": scene.today - 3 * DAY},
    )
    for login in case.members:
        told = (1, InterestKind.FAMILY, "妹が会計を務めている(デモ)") if login == "committee6" else None
        case.declare(login, interest=told)
    for turn, login in enumerate(case.members):
        # 公益性 first: the fifth is one that four of seven hold against it; the third and fourth add up to the same.
        rows = (
            (5, 5, 4 + turn % 2),
            (4, 5, 4),
            (4, 3 + turn % 2, 4),
            (4, 4, 3 + turn % 2),
            (2 if turn < 4 else 3, 5, 5),
            (3, 1, 1 + turn % 2),
        )
        for place, marks in enumerate(rows):
            if not (login == "committee6" and place == 1):
                case.seal(login, place, marks)
    concluding.draft_conclusion(scene.session, actor=case.office, call_id=case.call.id)
    return case


# --- parts -----------------------------------------------------------------------------------------------------------


def _affiliate(case: Case, login: str, organization_id: int, role: AffiliationRole) -> None:
    user = case.members[login].user
    assert user is not None
    with act(case.session, case.scene.actor, "demo:affiliation", "デモの所属"):
        row = Affiliation(
            user_id=user.id, organization_id=organization_id, role=role, from_on=case.scene.today - 300 * DAY
        )
        case.session.add(row)
        case.session.flush()
        tell_affiliation(case.session, case.scene.actor, row)


def _officer(case: Case, login: str, place: int) -> None:
    """Somebody of the applicant who bears a member's name."""
    name = case.members[login].name
    with act(case.session, case.scene.actor, "demo:officer", "デモの役員"):
        case.session.add(
            OrganizationOfficer(
                organization_id=case.proposals[place].organization_id,
                name=name,
                folded_name=fold_name(name),
                role="監事",
            )
        )


def _settle(case: Case) -> None:
    """One equal name is the member, the other is not."""
    rows = case.session.scalars(
        select(ConflictSuspicion)
        .where(ConflictSuspicion.proposal_id.in_([one.id for one in case.proposals]))
        .order_by(ConflictSuspicion.proposal_id)
    ).all()
    for row in rows:
        same = row.member_id == case.members["committee6"].id
        settle_suspicion(
            case.session,
            actor=case.office,
            suspicion_id=row.id,
            is_same_person=same,
            reason="本人に電話で確かめた(デモ)" if same else "生年が異なることを団体に確かめた(デモ)",
        )


def _sheet(case: Case, login: str, place: int, stage: ReviewStage = DOCUMENT) -> ScoreSheet:
    found = sheets.find_sheet(case.session, case.members[login].id, case.proposals[place].id, stage)
    assert found is not None
    return found


def _declare_on_paper(case: Case, login: str) -> None:
    declarations.declare_on_behalf(
        case.session,
        actor=case.office,
        settings=settings(),
        member_id=case.members[login].id,
        proposal_id=case.proposals[0].id,
        has_interest=False,
        scan=scan("declaration.png", "利害関係の申告書.png"),
    )


def _seal_on_paper(case: Case, login: str, place: int) -> None:
    """代理入力: the office types what stands on the paper, its scan attached."""
    sheet = paper_sheets.begin(
        case.session,
        actor=case.office,
        member_id=case.members[login].id,
        proposal_id=case.proposals[place].id,
        stage=INTERVIEW,
    )
    paper_sheets.seal(
        case.session,
        actor=case.office,
        settings=settings(),
        sheet_id=sheet.id,
        values=case.values((4, 3, 4), INTERVIEW),
        seen=0,
        scan=scan("score-sheet.png", "面接審査の採点票.png"),
    )
