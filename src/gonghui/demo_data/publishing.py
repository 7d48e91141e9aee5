"""What the invented city publishes: news with drawn pictures, announcements, policy documents; and 杨浦区 in its section."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import LOCAL_EDITOR, YANGPU
from gonghui.demo_data.drawing import drawn
from gonghui.publishing.articles.actions import Text, create_article, publish_article, save_text
from gonghui.publishing.html import from_plain
from gonghui.publishing.local.actions import open_section
from gonghui.publishing.models import Picture, Section
from gonghui.publishing.pictures.actions import add_picture
from gonghui.publishing.placing.actions import feature_article, pin_article
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Item:
    """One article, so many days ago. ``scene`` is drawn, ``alt`` says what is on it."""

    days: int
    section: Section
    title: str
    body: str
    summary: str = ""
    scene: str = ""
    alt: str = ""
    pinned: bool = False
    document_number: str = ""
    repealed: bool = False


NEWS, ANNOUNCEMENTS, DOCUMENTS, LOCAL = Section.NEWS, Section.ANNOUNCEMENTS, Section.DOCUMENTS, Section.LOCAL
OPENED = 60
"""So many days ago the city opened a section to 杨浦区."""

ITEMS = (
    Item(
        2, NEWS, "冬季送温暖走访启动，首批慰问品本周送达",
        "市总工会启动冬季送温暖活动，首批慰问品本周送到环卫、建筑、快递等行业的一线职工手中。\n\n"
        "各基层工会提前摸清本单位困难职工情况，由所属上级工会汇总。走访中收集的意见，由各级工会逐条答复。",
        "慰问品本周送到环卫、建筑、快递等行业的一线职工手中。",
        "visit", "工会干部向两名戴安全帽的建筑职工送上慰问品",
    ),
    Item(
        4, NEWS, "工会网上工作平台会员导入功能使用说明",
        "会员人数较多的工会，建议下载会员导入模板，整理后一次导入。\n\n"
        "模板中的证件号码和移动电话请保持文本格式；同一证件号码只能登记一次。系统会逐行检查，"
        "有问题的行会标注原因，改正后重新上传即可。",
    ),
    Item(
        7, NEWS, "职工技能竞赛决赛落幕，三十名选手获奖",
        "来自全市各行业的选手完成了数控加工、网络安全、养老护理等项目的决赛。\n\n"
        "竞赛期间，各基层工会组织了岗位练兵和技术交流，进一步弘扬劳模精神、劳动精神、工匠精神。",
        "数控加工、网络安全、养老护理等项目完成决赛。",
        "contest", "三名选手在机床前操作，正在进行技能竞赛决赛",
    ),
    Item(
        13, NEWS, "户外职工爱心接力站完成冬季设施检查",
        "全市户外职工爱心接力站完成冬季设施检查，饮水、取暖、应急药品和充电设备已经补充到位。\n\n"
        "环卫职工、快递员、外卖配送员等户外劳动者可以就近进站休息。",
        "饮水、取暖、应急药品和充电设备已经补充到位。",
        "station", "两名户外职工站在爱心接力站的小屋前",
    ),
    Item(
        19, NEWS, "新就业形态劳动者入会服务点陆续开放",
        "外卖配送员、快递员、网约车司机等新就业形态劳动者，可以就近到街镇工会服务点咨询入会。\n\n"
        "服务点提供饮水、充电、休息等便利，并办理入会登记。",
    ),
    Item(
        26, NEWS, "职工书屋建设经验交流会举行",
        "职工书屋建设经验交流会举行，十二家基层工会介绍了图书更新、读书会和线上借阅的做法。\n\n"
        "下一步将把流动书箱送到工地和园区。",
        "十二家基层工会介绍了图书更新、读书会和线上借阅的做法。",
        "study", "两名职工在书架旁的长桌前读书",
    ),
    Item(
        40, NEWS, "基层工会主席培训班开班",
        "本期培训班为期三天，课程包括集体协商、工会财务和职工心理关爱。\n\n参训人员结合各自单位的情况进行了讨论。",
    ),
    Item(
        1, ANNOUNCEMENTS, "关于开展本年度基层工会资料核对工作的通知",
        "各区总工会、产业局工会：\n\n"
        "请组织所属基层工会登录平台，核对单位名称、地址、换届日期、工会负责人和联系电话，有变化的及时更新。"
        "街镇（开发区）工会和二级产业局公司工会应在收到申请后十个工作日内完成审核。\n\n"
        "核对工作中遇到的问题，请与技术支持联系。",
        pinned=True,
    ),
    Item(
        6, ANNOUNCEMENTS, "平台系统维护公告",
        "为提高平台的服务质量，本周日凌晨将进行系统维护，期间暂停服务。\n\n请各级工会提前安排好填报和审核工作。",
    ),
    Item(
        9, ANNOUNCEMENTS, "会员服务卡制卡周期调整说明",
        "自下月起，制卡批次由每两周一次调整为每周一次。\n\n已经提交的申请按原批次制作，进度可以在「会员服务卡管理」中查看。",
    ),
    Item(
        47, DOCUMENTS, "基层工会换届选举工作指引（修订）",
        "一、基层工会委员会任期届满应当按时换届。\n\n二、换届前三个月，向上级工会提出书面请示。\n\n"
        "三、选举结果报上级工会批准后，在平台上更新换届日期和工会负责人。",
        document_number="沪工总示〔2026〕18 号",
    ),
    Item(
        88, DOCUMENTS, "职工疗休养工作管理办法",
        "一、疗休养对象以一线职工为主。\n\n二、名额由各级工会逐级分配，并予公示。\n\n三、费用按工会经费管理的规定列支。",
        document_number="沪工总示〔2026〕11 号",
    ),
    Item(
        400, DOCUMENTS, "会员服务卡管理暂行规定",
        "一、会员服务卡实行一人一卡。\n\n二、遗失的，由本人向所在基层工会申请补办。\n\n本规定已由新的规定代替。",
        document_number="沪工总示〔2019〕6 号", repealed=True,
    ),
    Item(
        3, LOCAL, "杨浦区职工法律援助服务月启动，律师进园区坐诊",
        "服务月期间，志愿律师每周三下午在长阳创谷、湾谷科技园等园区坐诊，为职工解答劳动合同、工资支付、工伤认定等问题。\n\n"
        "职工可以向本单位工会报名，也可以直接到现场咨询。",
        "志愿律师每周三下午在园区坐诊，解答劳动合同、工伤认定等问题。",
    ),
    Item(
        12, LOCAL, "关于报送杨浦区职工疗休养需求的通知",
        "各街道（镇）总工会、直属基层工会：\n\n"
        "请于本月底前汇总职工疗休养的人数和意向时间，在平台上报送。名额分配方案将在本栏目公示。",
        pinned=True,
    ),
    Item(
        21, LOCAL, "杨浦滨江户外职工驿站新增三处",
        "新增的驿站分别位于秦皇岛路、宁国路和定海路，提供饮水、热饭、充电和应急药品，每天开放十二小时。\n\n"
        "环卫职工、快递员、外卖配送员可以就近休息。",
        "秦皇岛路、宁国路和定海路的驿站每天开放十二小时。",
    ),
    Item(
        45, LOCAL, "杨浦区工会干部业务培训班结业",
        "来自全区的八十名工会干部参加了培训，学习集体协商、经费管理和平台操作。",
    ),
)  # fmt: skip


def published() -> list[Iterator[datetime]]:
    """The lives of all articles."""
    return [_opening(), *(_life(item) for item in ITEMS)]


def _opening() -> Iterator[datetime]:
    yield days_ago(OPENED, hour=9)
    open_section(Union.objects.get(code=YANGPU), slug="yangpu", by=_somebody("city@demo.test"))


def _life(item: Item) -> Iterator[datetime]:
    yield days_ago(item.days, hour=9)
    by = _somebody(LOCAL_EDITOR.email if item.section == LOCAL else "city@demo.test")
    cover = _picture(item, by) if item.scene else None
    article = create_article(item.section, item.title, by=by)
    text = Text(
        title=item.title,
        summary=item.summary,
        body=from_plain(item.body),
        cover=cover,
        document_number=item.document_number,
        issued_on=localdate() - timedelta(days=item.days + 2) if item.document_number else None,
        repealed=item.repealed,
    )
    article = save_text(article, text, version=article.version, by=by)
    article = publish_article(article, version=article.version, by=by)
    if item.pinned:
        article = pin_article(article, by=by)
    if cover:
        feature_article(article, by=by)


def _somebody(email: str) -> User:
    return User.objects.select_related("union").get(email=email)


def _picture(item: Item, by: User) -> Picture:
    return add_picture(ContentFile(drawn(item.scene), "图.jpg"), alt=item.alt, by=by)
