"""The breaker and the gate: when requests pass, when one may try, and who waits or is turned away."""

import threading
import time

import pytest

from corpus.errors import Cancelled, ModelBusy
from rag.gate import Breaker, Gate
from rag.metrics import Metrics


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_breaker_opens_after_failures_in_a_row_and_closes_by_a_probe() -> None:
    clock = Clock()
    breaker = Breaker(failures=3, rest_s=10, clock=clock)
    for _ in range(2):
        assert breaker.allows()
        breaker.failed()
    breaker.succeeded()
    for _ in range(3):
        assert (breaker.state, breaker.allows()) == ("closed", True)
        breaker.failed()
    assert (breaker.state, breaker.allows()) == ("open", False)
    clock.now = 10
    assert breaker.state == "half-open"
    assert breaker.allows()
    assert not breaker.allows()  # one probe at a time
    breaker.failed()
    assert breaker.state == "open"
    clock.now = 20
    assert breaker.allows()
    breaker.released()  # the probe was withdrawn: another may try
    assert breaker.allows()
    breaker.succeeded()
    assert (breaker.state, breaker.allows(), breaker.allows()) == ("closed", True, True)


def test_a_gate_lets_so_many_in_and_the_rest_wait_their_turn() -> None:
    gate, most, lock = Gate(2, 8), [0], threading.Lock()

    def work() -> None:
        with gate.entered(5):
            with lock:
                most[0] = max(most[0], gate.running)
            time.sleep(0.02)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(5)
    assert most == [2]
    assert (gate.running, gate.waiting) == (0, 0)


def test_a_full_queue_a_long_wait_and_a_withdrawn_question_end_the_wait() -> None:
    gate = Gate(1, 1)
    with gate.entered(1):
        with pytest.raises(ModelBusy, match="no answer could be begun") as slow, gate.entered(0.1):
            pass
        with pytest.raises(Cancelled), gate.entered(1, lambda: True):
            pass
        waiting = threading.Thread(target=lambda: gate.entered(0.5).__enter__())
        waiting.start()
        while not gate.waiting:
            time.sleep(0.005)
        with pytest.raises(ModelBusy, match="1 answers are being written and 1 wait") as full, gate.entered(1):
            pass
        with pytest.raises(ModelBusy):
            gate.check()
    assert 1 <= slow.value.retry_after <= full.value.retry_after <= 30
    waiting.join(5)


def test_an_error_inside_gives_the_place_back() -> None:
    gate = Gate(1, 0)
    with pytest.raises(KeyError), gate.entered(1):
        raise KeyError
    gate.check()
    with gate.entered(0.1):
        assert gate.running == 1


def test_figures_are_in_the_form_that_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.count("clausewise_answers_total", engine="llm")
    metrics.count("clausewise_answers_total", 2, engine='a"b\\c\nd')
    metrics.observe("clausewise_answer_seconds", 0.3, engine="llm")
    metrics.observe("clausewise_answer_seconds", 99, engine="llm")
    metrics.gauge("clausewise_breaker_open", lambda: 1.0)
    lines = metrics.text().splitlines()
    assert 'clausewise_answers_total{engine="llm"} 1' in lines
    assert 'clausewise_answers_total{engine="a\\"b\\\\c d"} 2' in lines
    assert 'clausewise_answer_seconds_bucket{engine="llm",le="0.25"} 0' in lines
    assert 'clausewise_answer_seconds_bucket{engine="llm",le="0.5"} 1' in lines
    assert 'clausewise_answer_seconds_bucket{engine="llm",le="+Inf"} 2' in lines
    assert 'clausewise_answer_seconds_sum{engine="llm"} 99.3' in lines
    assert "clausewise_breaker_open 1" in lines
    assert "# TYPE clausewise_answer_seconds histogram" in lines
    assert metrics.value("clausewise_answers_total") == 3
    assert metrics.value("clausewise_answers_total", engine="llm") == 1
