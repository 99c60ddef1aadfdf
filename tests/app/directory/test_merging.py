"""Merging is a pointer: identity is the cluster, nothing is rewritten, undoing lifts it; duplicates and judgements."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory import merging, rows, services
from app.directory.duplicates import are_told_apart, likely_duplicates, likeness_of, parts_of, refresh_all
from app.directory.finding import search_groups
from app.directory.identity import cluster_ids, cluster_of, head_id, head_of
from app.problems import Conflict, Invalid, NotAllowed
from app.registry.queries import projects_of_organization
from models.directory import Organization, OrganizationKind
from models.directory_records import Affiliation, AffiliationRole
from models.directory_registration import DuplicateCandidate, DuplicateReason
from models.people import Role
from models.records import AuditEntry
from tests.support.registry import actor


def _group(session: Session, center: Actor, name: str, **values: object) -> Organization:
    known = {"name": name, "kind": OrganizationKind.CIVIC_GROUP} | values
    return services.create_organization(session, actor=center, values=known)


@pytest.fixture
def center(any_session: Session) -> Actor:
    return actor(any_session, Role.CENTER)


def test_a_chain_of_pointers_is_one_identity(any_session: Session, center: Actor) -> None:
    one, two, three, other = (_group(any_session, center, f"架空連鎖{sign}") for sign in "甲乙丙丁")
    merging.merge(any_session, actor=center, absorbed=one, into=two)
    merging.merge(any_session, actor=center, absorbed=two, into=three)
    ids = {one.id, two.id, three.id}
    assert {cluster_ids(any_session, key) == ids for key in ids} == {True}
    assert {head_id(any_session, key) for key in ids} == {three.id}
    assert cluster_ids(any_session, other.id) == {other.id}
    rows.save_rows(
        any_session,
        actor=center,
        organization=one,
        kind=rows.KINDS["affiliations"],
        rows=[{"user_id": center.user_id, "role": AffiliationRole.OFFICER}],
    )
    heads = any_session.scalars(select(head_of(Affiliation.organization_id))).all()
    assert heads == [three.id]
    mine = select(Affiliation.id).where(Affiliation.organization_id.in_(cluster_of(Organization.id))).exists()
    assert set(any_session.scalars(select(Organization.id).where(mine))) == ids


def test_a_merged_name_finds_the_record_that_stands_for_it_until_it_is_undone(
    any_session: Session, center: Actor
) -> None:
    old = _group(any_session, center, "架空ふるい名の会", purpose="古い記録")
    new = _group(any_session, center, "架空あたらしい名の会")
    merging.merge(any_session, actor=center, absorbed=old, into=new)
    assert [one.id for one in search_groups(any_session, center, "架空ふるい名").organizations] == [new.id]
    any_session.refresh(new)
    services.add_alias(any_session, actor=center, organization=old, name="架空むかしの別称")
    assert [one.id for one in search_groups(any_session, center, "むかしの別称").organizations] == [new.id]
    merging.unmerge(any_session, actor=center, organization=old)
    assert [one.id for one in search_groups(any_session, center, "架空ふるい名").organizations] == [old.id]
    assert old.purpose == "古い記録" and old.merged_into_id is None


def test_merging_is_one_entry_and_rewrites_nothing(session: Session) -> None:
    center = actor(session, Role.CENTER)
    university = session.scalars(select(Organization).where(Organization.name == "武蔵野美術大学")).one()
    double = _group(session, center, "架空むさび")
    before = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    projects = len(projects_of_organization(session, center, university))
    merging.merge(session, actor=center, absorbed=university, into=double, reason="二重登録")
    assert (session.scalar(select(func.count()).select_from(AuditEntry)) or 0) == before + 1
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.reason, entry.change_count) == ("二重登録", 1)
    assert len(projects_of_organization(session, center, double)) == projects > 0
    assert len(projects_of_organization(session, center, university)) == projects


def test_completeness_counts_what_hangs_on_either(session: Session) -> None:
    center = actor(session, Role.CENTER)
    field = [1]
    old = _group(session, center, "架空片方の会", purpose="目的", activities="活動", areas=field)
    new = _group(session, center, "架空もう片方の会", fields=field)
    assert (old.completeness_center, new.completeness_center) == (0, 0)
    merging.merge(session, actor=center, absorbed=old, into=new)
    assert session.get_one(Organization, new.id).completeness_center == 1
    merging.unmerge(session, actor=center, organization=old)
    assert session.get_one(Organization, new.id).completeness_center == 0


def test_what_cannot_be_merged_is_refused_with_a_sentence(session: Session) -> None:
    center = actor(session, Role.CENTER)
    one, two = _group(session, center, "架空一の会"), _group(session, center, "架空二の会")
    with pytest.raises(Invalid):
        merging.merge(session, actor=center, absorbed=one, into=one)
    with pytest.raises(NotAllowed):
        merging.merge(session, actor=actor(session, Role.OFFICE), absorbed=one, into=two)
    merging.merge(session, actor=center, absorbed=one, into=two)
    with pytest.raises(Conflict):
        merging.merge(session, actor=center, absorbed=two, into=one)
    with pytest.raises(Conflict):
        merging.merge(session, actor=center, absorbed=one, into=two)
    with pytest.raises(Conflict):
        services.delete_organization(session, actor=center, organization=two)
    with pytest.raises(Conflict):
        merging.unmerge(session, actor=center, organization=two)


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ({"name": "NPO法人架空みまもりネット"}, DuplicateReason.SAME_NAME),
        ({"name": "架空みまもりねっと(特非)"}, DuplicateReason.SAME_NAME),
        ({"name": "架空みまもりネッツ"}, DuplicateReason.NEAR_NAME),
        ({"name": "架空べつの名前", "phone": "(042)341-0000"}, DuplicateReason.SAME_PHONE),
        ({"name": "架空べつの名前", "web": "HTTP://WWW.mimamori.example.jp/"}, DuplicateReason.SAME_WEB),
        ({"name": "架空見守り隊"}, DuplicateReason.SAME_ALIAS),
        ({"name": "架空ちがう団体"}, None),
    ],
)
def test_likely_duplicates_have_a_reason(
    any_session: Session, center: Actor, described: dict[str, str], reason: DuplicateReason | None
) -> None:
    known = services.create_organization(
        any_session,
        actor=center,
        values={
            "name": "架空みまもりネット",
            "kind": OrganizationKind.CIVIC_GROUP,
            "phone": "042-341-0000",
            "web": "https://mimamori.example.jp",
        },
        aliases=["架空見守り隊"],
    )
    found = {one.organization_id: one.reason for one in likely_duplicates(any_session, **described)}  # type: ignore[arg-type]
    assert found.get(known.id) == reason


def test_two_equal_aliases_are_no_reason(session: Session) -> None:
    """資料3: 事業企画委員会 of eleven 公民館 are eleven bodies."""
    refresh_all(session)
    session.commit()
    aliased = session.scalars(
        select(DuplicateCandidate).where(DuplicateCandidate.reason == DuplicateReason.SAME_ALIAS)
    ).all()
    assert aliased == []


def test_a_judged_pair_is_not_asked_again(session: Session) -> None:
    center = actor(session, Role.CENTER)
    one = _group(session, center, "架空そっくりの会", phone="042-555-0001")
    two = _group(session, center, "架空まるで別の会", phone="0425550001")
    before = merging.count_open_pairs(session)
    pair = [(a.id, b.id) for _, a, b in merging.open_pairs(session, center, limit=1_000)]
    assert (one.id, two.id) in pair
    merging.judge_different(session, actor=center, first_id=two.id, second_id=one.id)
    merging.judge_different(session, actor=center, first_id=one.id, second_id=two.id)
    assert merging.count_open_pairs(session) == before - 1


def test_a_deleted_record_is_no_pair_until_it_is_back(session: Session) -> None:
    center = actor(session, Role.CENTER)
    one = _group(session, center, "架空きえる会", phone="042-555-0002")
    _group(session, center, "架空のこる団体", phone="0425550002")
    before = merging.count_open_pairs(session)
    services.delete_organization(session, actor=center, organization=one)
    assert merging.count_open_pairs(session) == before - 1
    services.restore_organization(session, actor=center, organization=one)
    assert merging.count_open_pairs(session) == before


def test_the_published_lists_bring_their_pairs_with_them(session: Session) -> None:
    """Nobody has to ask for them first: what is found anew is what stands there."""
    pairs = select(DuplicateCandidate.first_id, DuplicateCandidate.second_id).order_by("first_id", "second_id")
    before = session.execute(pairs).all()
    refresh_all(session)
    assert session.execute(pairs).all() == before


def test_thirds_cover_the_name_and_likeness_is_symmetric() -> None:
    for name in ("会", "ab", "みどり", "みどりの会", "架空みまもりネットワーク"):
        assert "".join(parts_of(name)) == name
    assert likeness_of("みどりの会", "みとりの会") == likeness_of("みとりの会", "みどりの会") >= 80
    assert likeness_of("", "") == 0


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("花小金井北公民館", "花小金井南公民館", True),
        ("小学校pta連合会", "中学校pta連合会", True),
        ("東京都水道局", "東京都下水道局", True),
        ("第1自治会", "第12自治会", True),
        ("みどりの会", "みとりの会", False),
        ("小川公民館事業企画委員会", "小川西町公民館事業企画委員会", True),
        ("花小金井小学校pta", "学園東小学校pta", True),
        ("花小金井小学校pta", "花小金丼小学校pta", False),
        ("市民まつり実行委員会", "小平市民まつり実行委員会", False),
        ("みどり公園友の会", "みどり公園の友の会", False),
        ("みどりの会", "みどりの会", False),
    ],
)
def test_sister_bodies_are_no_duplicates(one: str, other: str, apart: bool) -> None:
    assert are_told_apart(one, other) is are_told_apart(other, one) is apart


def test_the_one_called_so_comes_first_among_many(any_session: Session, center: Actor) -> None:
    for name in ("架空かわせみの会を支える会", "架空かわせみの会友の会", "架空かわせみの会"):
        _group(any_session, center, name)
    _group(any_session, center, "架空べつの会", purpose="架空かわせみの会を手伝う")
    found = search_groups(any_session, center, "NPO法人 架空かわせみの会").organizations
    assert not found  # every word must be found
    found = search_groups(any_session, center, "架空かわせみの会").organizations
    assert [one.name for one in found] == [
        "架空かわせみの会",
        "架空かわせみの会を支える会",
        "架空かわせみの会友の会",
        "架空べつの会",
    ]
