"""The two pretend companies: who works there, and what they sell to whom."""

from dataclasses import dataclass, field

from .town import BANKS, Road

SEED = 20260310


@dataclass(frozen=True, slots=True)
class Colleague:
    """`team` is the place of his team in `Company.teams`, None for those above and beside them."""

    user_id: str
    name: str
    title: str
    team: int | None = None
    leads_team: bool = False


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of customer: how its names end, where such places are, how many there are of it.

    `place_class` and `type` are those of `field_ops.customers.schemas`.
    """

    ending: str
    type: str
    place_class: str
    share: int


@dataclass(frozen=True, slots=True)
class Known:
    """A customer that everybody's examples speak of. He belongs to the first or the second rep."""

    name: str
    level: str
    road: str
    number: int
    contact: str
    place_class: str = "mall"
    rep: int = 0


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """One organisation on one host. The first of `reps` is the one that a visitor plays."""

    host: str
    name: str
    corp_id: str
    region: str
    office: str
    teams: tuple[str, ...]
    boss: Colleague
    regional: Colleague
    leads: tuple[Colleague, ...]
    reps: tuple[Colleague, ...]
    admin: Colleague
    department_ids: tuple[int, ...]  # region, office, then one for each team; the root is 1
    known: tuple[Known, ...]
    trades: tuple[Trade, ...]
    goods: tuple[str, ...]
    group: str = ""
    banks: tuple[tuple[Road, ...], ...] = field(default=BANKS)

    @property
    def people(self) -> tuple[Colleague, ...]:
        return (self.boss, self.regional, *self.leads, *self.reps, self.admin)

    @property
    def star(self) -> Colleague:
        """李雷, who has a day to live whatever the calendar says."""
        return self.reps[0]


WANG = Colleague("wangzhuguan", "王主管", "销售主管", 0, leads_team=True)
LILEI = Colleague("lilei", "李雷", "业务代表", 0)
HANMEIMEI = Colleague("hanmeimei", "韩梅梅", "业务代表", 0)

BAIHUI = DemoCompany(
    host="wecom",
    name="江城百汇商贸有限公司",
    corp_id="ww7d0e5a1c9b3f2846",
    region="武汉大区",
    office="综合管理部",
    teams=("汉口一组", "武昌二组", "汉阳三组"),
    boss=Colleague("chenzong", "陈总", "总经理"),
    regional=Colleague("zhoujingli", "周经理", "大区经理"),
    leads=(
        WANG,
        Colleague("zhaozhuguan", "赵主管", "销售主管", 1, leads_team=True),
        Colleague("sunzhuguan", "孙主管", "销售主管", 2, leads_team=True),
    ),
    reps=(
        LILEI,
        HANMEIMEI,
        Colleague("lintao", "林涛", "业务代表", 0),
        Colleague("zhangmin", "张敏", "业务代表", 1),
        Colleague("gaofei", "高飞", "业务代表", 1),
        Colleague("hejing", "何静", "业务代表", 1),
        Colleague("liuyang", "刘洋", "业务代表", 2),
        Colleague("weihua", "魏华", "业务代表", 2),
    ),
    admin=Colleague("songneiqin", "宋小满", "销售内勤"),
    department_ids=(2, 3, 11, 12, 13),
    known=(
        Known("华联超市", "A", "中山大道", 128, "张经理"),
        Known("华联超市（中山路店）", "B", "中山大道", 1266, "刘店长"),
        Known("华联生鲜便利店", "C", "胜利街", 96, "周老板", "street_store", rep=1),
        Known("华联商厦", "A", "江汉路", 118, "吴采购"),
        Known("红星副食商行", "B", "建设大道", 512, "马老板", "street_store"),
        Known("红星百货（青年路店）", "C", "青年路", 277, "秦店长", rep=1),
        Known("新华书店", "C", "新华路", 316, "沈主任", "street_store"),
    ),
    trades=(
        Trade("超市", "store", "mall", 6),
        Trade("便利店", "store", "street_store", 6),
        Trade("副食店", "store", "street_store", 4),
        Trade("生鲜店", "store", "street_store", 3),
        Trade("烟酒商行", "store", "street_store", 3),
        Trade("粮油店", "store", "street_store", 2),
        Trade("百货", "store", "mall", 2),
        Trade("食品批发部", "distributor", "campus", 2),
        Trade("餐饮管理有限公司", "customer", "office", 2),
        Trade("食品加工厂", "customer", "campus", 1),
    ),
    goods=("瓶装水", "坚果礼盒", "低温奶", "速食面", "果汁", "调味酱", "洗衣液", "抽纸"),
    group="汉口一组群",
)
YUNMENG = DemoCompany(
    host="dingtalk",
    name="云梦泽文教用品有限公司",
    corp_id="ding4f1b8c27e09d635a35c2f4657eb6378f",
    region="华中销售部",
    office="运营支持部",
    teams=("汉口组", "武昌组", "汉阳组"),
    boss=Colleague("dengzong", "邓总", "总经理"),
    regional=Colleague("fangjingli", "方经理", "区域经理"),
    leads=(
        WANG,
        Colleague("qianzhuguan", "钱主管", "销售主管", 1, leads_team=True),
        Colleague("wuzhuguan", "吴主管", "销售主管", 2, leads_team=True),
    ),
    reps=(
        LILEI,
        HANMEIMEI,
        Colleague("zhengxiao", "郑晓", "业务代表", 0),
        Colleague("fengning", "冯宁", "业务代表", 1),
        Colleague("caoyang", "曹阳", "业务代表", 1),
        Colleague("pengyu", "彭雨", "业务代表", 1),
        Colleague("xuke", "许可", "业务代表", 2),
        Colleague("jiangwen", "蒋纹", "业务代表", 2),
    ),
    admin=Colleague("duruo", "杜若", "销售运营"),
    department_ids=(910200301, 910200302, 910200311, 910200312, 910200313),
    known=(
        Known("华联超市", "A", "解放大道", 1208, "张经理"),
        Known("华联超市（中山路店）", "B", "中山大道", 818, "刘店长"),
        Known("华联文具", "C", "黄浦大街", 66, "周老板", "street_store", rep=1),
        Known("华联商务写字楼", "B", "建设大道", 608, "吴行政", "office"),
        Known("红星文化用品商行", "B", "新华路", 207, "马老板", "street_store"),
        Known("红星图文快印（青年路店）", "C", "青年路", 319, "秦店长", "street_store", rep=1),
        Known("新华书店", "A", "江汉路", 55, "沈主任", "street_store"),
    ),
    trades=(
        Trade("文具店", "store", "street_store", 6),
        Trade("书店", "store", "street_store", 3),
        Trade("文体用品店", "store", "street_store", 4),
        Trade("图文快印", "customer", "street_store", 3),
        Trade("办公用品商行", "store", "street_store", 4),
        Trade("商贸有限公司", "customer", "office", 3),
        Trade("文化用品批发部", "distributor", "campus", 2),
        Trade("培训学校", "customer", "campus", 3),
        Trade("幼儿园", "customer", "campus", 2),
        Trade("生活超市", "store", "mall", 2),
    ),
    goods=("中性笔", "练习本", "复印纸", "美术套装", "书包", "白板", "订书机", "文件柜"),
    group="汉口组群",
)
COMPANIES = (BAIHUI, YUNMENG)


def company_on(host: str) -> DemoCompany:
    return next(company for company in COMPANIES if company.host == host)
