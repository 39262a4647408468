"""A run from its plan to its records: who is asked, with which seed, and what is written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from uicompiler.evals.budget import RunBudget
from uicompiler.evals.plan import Plan
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.providers import Provider
from uicompiler.evals.runner import OnDone, Record, run_trials
from uicompiler.evals.strategies import Terms
from uicompiler.evals.trial import TrialKey, jitter, record, run_trial


class Session:
    """Runs the trials of a plan.

    Args:
        plan: What is asked for.
        ready: Its scenarios, by id.
        providers: Whom they are put to, by name.
        budget: What the run may cost.
    """

    def __init__(
        self,
        plan: Plan,
        ready: Sequence[Prepared],
        providers: Mapping[str, Provider],
        budget: RunBudget,
    ) -> None:
        self._plan = plan
        self._ready = {item.loaded.id: item for item in ready}
        self._providers = providers
        self._budget = budget

    async def run(self, done: Collection[TrialKey], on_done: OnDone, *, jobs: int) -> None:
        """Run what is not done yet.

        Raises:
            EvalError: EVAL_RUN_INVALID, money is limited and a model's price is not known.
        """
        left = (key for key in self._plan.keys_in_order() if key not in done)
        await run_trials(left, self.trial, on_done, jobs=jobs, budget=self._budget)

    async def trial(self, key: TrialKey) -> Record:
        """Run one trial, and give its record.

        Raises:
            RunExhausted: the run's budget is used up.
        """
        ready, provider = self._ready[key.scenario], self._providers[key.provider]
        seed = key.seed(self._plan.seed)
        with provider.open(ready, key.index, self._plan.seed) as opened:
            terms = Terms(
                opened.settings,
                opened.transport,
                opened.clock,
                jitter(seed).random,
                provider.formats,
            )
            trial = await run_trial(key.strategy, ready, terms, self._budget)
        return record(key, seed, ready, terms, trial)
