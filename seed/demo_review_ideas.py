"""What the proposals of the demonstration's further reviews are about: fictitious groups of seed/demo/organizations.toml."""

from __future__ import annotations

from seed.demo_call_texts import Idea


def _idea(group: str, title: str, purpose: str, content: str, yen: int) -> Idea:
    """A small proposal with one round sum for material and one for a hall."""
    hall = 8_000
    return Idea(
        group,
        title,
        purpose,
        content,
        "市内の公民館など",
        0,
        (("会場使用料", hall, 1, 0), ("材料費", yen - hall, 1, 0)),
    )


#: Stage of a review → its proposals. Sums are what is asked for, in yen.
IDEAS: dict[str, tuple[Idea, ...]] = {
    "declaring": (
        _idea("ibasho", "夕方の勉強カフェ", "放課後に安心して過ごせる場を増やす。", "週1回、学習と軽食の場を開く。", 90_000),
        _idea("gakushu", "はじめての市民講師塾", "教える側になる市民を増やす。", "全4回の講座と発表会を行う。", 70_000),
        _idea("kanko", "用水みちの案内板づくり", "歩いて楽しいまちをつくる。", "案内板を住民の手で作り、歩く会を開く。", 100_000),
    ),
    "papers_opened": (
        _idea("noen", "畑で出会う多世代の会", "農を通して世代をつなぐ。", "月1回の畑の会と収穫祭を行う。", 80_000),
        _idea("gassho", "歌でつながる昼下がり", "外出のきっかけをつくる。", "公民館で月1回、歌の会を開く。", 60_000),
        _idea("tentai", "星空を見上げる夜", "子どもに科学の楽しさを伝える。", "季節ごとに観望会を開く。", 50_000),
    ),
    "interviewing": (
        _idea("kyuen", "在宅避難の備え出前講座", "家で過ごす備えを広げる。", "自治会ごとに出前講座を行う。", 75_000),
        _idea("onyaku", "声で届ける市民だより", "見えにくい人に地域の情報を届ける。", "毎月、音訳して配る。", 65_000),
        _idea("robot", "親子ロボット工作室", "ものづくりの担い手を育てる。", "夏に全3回の教室を開く。", 85_000),
    ),
    "meeting": (
        _idea("kodomoshokudo", "こども食堂の輪をひろげる", "食卓を囲む場を各地域に増やす。", "3地区で試行の会を開く。", 100_000),
        _idea("playpark", "出張あそび場", "外遊びの場を身近につくる。", "公園で月1回、あそび場を開く。", 80_000),
        _idea("sumaho", "スマホ困りごと相談会", "情報の差をなくす。", "公民館で月2回、相談会を開く。", 70_000),
        _idea("shokuhinloss", "フードドライブ週間", "食品を無駄にしない暮らしを広げる。", "年4回、回収と配布を行う。", 70_000),
        _idea("kakeibo", "会員のための家計簿研修", "家計簿の会の会員の技能を高める。", "会員向けの研修を行う。", 60_000),
        _idea("shashin", "昔の写真を集める", "まちの記憶を残す。", "写真を集めて、会で保管する。", 50_000),
    ),
    "concluded": (
        _idea("machizukuri", "歩きやすいまち点検隊", "歩道の困りごとを見つける。", "住民と歩き、地図にまとめる。", 90_000),
        _idea("mimi", "はじめての手話広場", "手話に出会う場をつくる。", "商店街で体験会を開く。", 60_000),
    ),
    "decided": (
        _idea("bosai", "中学生と進める防災まち歩き", "若い担い手を育てる。", "中学校区ごとにまち歩きを行う。", 100_000),
        _idea("kokusai", "世界のごはんと日本語", "食を通して知り合う。", "年6回の料理と会話の会を開く。", 80_000),
        _idea("meibutsu", "会の看板をつくる", "会を知ってもらう。", "看板を作って掲げる。", 40_000),
    ),
    "corrected": (
        _idea("otousan", "父と子の台所教室", "家事の担い手を広げる。", "全5回の料理教室を開く。", 70_000),
        _idea("heiwa", "語り継ぐ朗読会", "戦争の記憶を次の世代に伝える。", "公民館で朗読会を開く。", 60_000),
    ),
}  # fmt: skip
#: A partner of the second proposal of "declaring": the body that runs the centre, in the demonstration.
OPERATOR = "chukan"
THEME = (
    (
        "地域の力で進める取組(審査の段階の見本)",
        "shimin-kyodo",
        "地域の課題が多様になっている。",
        "団体の工夫を生かした取組を広げる。",
    ),
)
