"""Legal forms of organisations (法人格) and every way they are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LegalForm:
    """One legal form.

    name: as shown; folded: as search keeps it (already folded); marks: the abbreviations that mean it in
    brackets, 「(特非)」; bare: abbreviations that mean it at the head of a name even without brackets; long: other
    full spellings (already folded).
    """

    name: str
    folded: str
    marks: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    long: tuple[str, ...] = ()


#: Longer names before the shorter ones that they contain.
LEGAL_FORMS: tuple[LegalForm, ...] = (
    LegalForm(
        "認定NPO法人",
        "認定npo法人",
        ("認定npo", "認特非", "認定特非", "認特活"),
        long=("認定特定非営利活動法人",),
    ),
    LegalForm(
        "NPO法人",
        "npo法人",
        ("特非", "特活", "npo"),
        ("特非", "特活"),
        ("特定非営利活動法人",),
    ),
    LegalForm("一般社団法人", "一般社団法人", ("一社",), ("一社",)),
    LegalForm("一般財団法人", "一般財団法人", ("一財",), ("一財",)),
    LegalForm("公益社団法人", "公益社団法人", ("公社",)),
    LegalForm("公益財団法人", "公益財団法人", ("公財",), ("公財",)),
    LegalForm("社会福祉法人", "社会福祉法人", ("福", "社福"), ("社福",)),
    LegalForm("社会医療法人", "社会医療法人"),
    LegalForm("医療法人社団", "医療法人社団"),
    LegalForm("医療法人財団", "医療法人財団"),
    LegalForm("医療法人", "医療法人", ("医",)),
    LegalForm("準学校法人", "準学校法人"),
    LegalForm("学校法人", "学校法人", ("学",)),
    LegalForm("宗教法人", "宗教法人", ("宗",)),
    LegalForm("国立大学法人", "国立大学法人", ("大", "国大")),
    LegalForm("公立大学法人", "公立大学法人"),
    LegalForm("地方独立行政法人", "地方独立行政法人", ("地独",)),
    LegalForm("独立行政法人", "独立行政法人", ("独",)),
    LegalForm("労働者協同組合", "労働者協同組合", ("労協",)),
    LegalForm("生活協同組合", "生活協同組合", ("生協",)),
    LegalForm("農業協同組合", "農業協同組合", ("農協",)),
    LegalForm("企業組合", "企業組合", ("企",)),
    LegalForm("認可地縁団体", "認可地縁団体"),
    LegalForm("株式会社", "株式会社", ("株",)),
    LegalForm("有限会社", "有限会社", ("有",)),
    LegalForm("合同会社", "合同会社", ("同", "合同")),
    LegalForm("合資会社", "合資会社", ("資",)),
    LegalForm("合名会社", "合名会社", ("名",)),
    LegalForm("社団法人", "社団法人", ("社",)),
    LegalForm("財団法人", "財団法人", ("財",)),
)

#: What stands in brackets → the folded form.
BY_MARK: dict[str, str] = {mark: form.folded for form in LEGAL_FORMS for mark in form.marks}

#: A word of a query that also means another: (word, what it is looked for as well).
ALSO_MEANS: dict[str, str] = {bare: form.folded for form in LEGAL_FORMS for bare in form.bare} | {
    "社協": "社会福祉協議会",
    "生協": "生活協同組合",
    "農協": "農業協同組合",
}
