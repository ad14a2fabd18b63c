"""The judges that every record is put before, whoever drove the program: a probe, or the user."""

from diag.conduct.bbo import BboJudge
from diag.conduct.iterative_order import IterativeOrderJudge
from diag.conduct.judge import Judge
from diag.conduct.lifecycle import LifecycleJudge
from diag.conduct.named_prices import NamedPricesJudge
from diag.conduct.observed import ObservedJudge
from diag.conduct.restored import RestoredJudge
from diag.conduct.trading.judge import TradingJudge

JUDGES: tuple[type[Judge], ...] = (
    BboJudge,
    IterativeOrderJudge,
    LifecycleJudge,
    TradingJudge,
    ObservedJudge,
    NamedPricesJudge,
    RestoredJudge,
)
