"""A run from its plan to its records: who is asked, with which seed, and what is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from uicompiler.evals.budget import RunBudget
from uicompiler.evals.lessons import Lessons
from uicompiler.evals.plan import Plan
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.providers import Provider
from uicompiler.evals.runner import OnDone, Record, run_trials
from uicompiler.evals.silence import Silence
from uicompiler.evals.strategies import Terms
from uicompiler.evals.trial import TrialKey, jitter, lesson_of, record, run_trial
from uicompiler.ir.values import Json
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.learned import Lesson


class Session:
    """Runs the trials of a plan.

    Args:
        plan: What is asked for.
        ready: Its scenarios, by id.
        providers: Whom they are put to, by name.
        budget: What the run may cost.
        known: What models take; the table that ships, where nobody says more.
    """

    def __init__(
        self,
        plan: Plan,
        ready: Sequence[Prepared],
        providers: Mapping[str, Provider],
        budget: RunBudget,
        known: Capabilities | None = None,
    ) -> None:
        self._plan = plan
        self._ready = {item.loaded.id: item for item in ready}
        self._providers = providers
        self._budget = budget
        self._known = known

    async def run(
        self, before: Sequence[Mapping[str, Json]], on_done: OnDone, *, jobs: int
    ) -> None:
        """Run what is not done yet.

        Args:
            before: Records of what is.
            on_done: Takes each record as soon as it is there.
            jobs: How many trials run at once.

        Raises:
            LLMError: a model does not answer: its provider refuses the key, has no such model, or
                cannot be reached.
            EvalError: EVAL_RUN_INVALID, money is limited and a model's price is not known.
        """
        keys = list(self._plan.keys_in_order())
        done = {TrialKey(**record["key"]) for record in before}
        lessons = Lessons(keys, before)
        free = [name for name, provider in self._providers.items() if provider.is_free]
        silence = Silence(on_done, before, free)

        async def run_one(key: TrialKey) -> Record:
            lesson = await lessons.of(key)
            try:
                found = await self.trial(key, lesson)
            except BaseException:
                lessons.given_up(key)
                raise
            silence.look_at(found)  # before others go on from what this one found out
            if lessons.is_first(key):
                lessons.learned(key, lesson_of(found["lesson"]["after"]))
            return found

        left = [key for key in keys if key not in done]
        await run_trials(left, run_one, silence.done, jobs=jobs, budget=self._budget)
        silence.end()

    async def trial(self, key: TrialKey, lesson: Lesson) -> Record:
        """Run one trial, and give its record.

        Args:
            key: Which.
            lesson: What is known of the model already.

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
                lesson,
                known=self._known,
            )
            trial = await run_trial(key.strategy, ready, terms, self._budget)
            slips = opened.slips and opened.slips()
        return record(key, seed, ready, terms, trial, slips)
