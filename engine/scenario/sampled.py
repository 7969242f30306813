"""Run request and websocket steps that record a sample of each request, with its id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import asdict, replace

from ..errors import StepFailed
from ..http.request import Request
from ..http.response import Response
from ..http.websocket import Answer
from ..measure.samples import Recorder
from ..measure.series import Counts
from .request_step import CompiledRequest
from .session import Session
from .websocket_step import Action, CompiledWebSocket


class RecordedRequest(CompiledRequest):
    """Sends an id with each request, and records its sample; steps not issued have none."""

    recorder: Recorder

    @classmethod
    def over(cls, step: CompiledRequest, recorder: Recorder) -> RecordedRequest:
        return cls(recorder=recorder, **asdict(step))

    async def run(self, session: Session) -> None:
        with _recording(session, self.recorder):
            await super().run(session)

    async def _send(self, session: Session, request: Request, counts: Counts) -> Response:
        recorder, agent = self.recorder, session.agent
        sample = session.sample = recorder.begin(self.series.case, self.series.name)
        if recorder.header is not None:
            request = request.with_header(recorder.header, sample.id)
        try:
            response = await super()._send(session, request, counts)
        finally:
            sample.latency = agent.latency
            sample.connect = agent.connect_time or None
        sample.status = response.status
        if session.ready_at is not None:
            sample.response = counts.responses[-1]
        return response


class RecordedWebSocket(CompiledWebSocket):
    """Records a sample of each action; the request that opens the connection carries the id."""

    recorder: Recorder

    @classmethod
    def over(cls, step: CompiledWebSocket, recorder: Recorder) -> RecordedWebSocket:
        return cls(recorder=recorder, **asdict(step))

    async def run(self, session: Session) -> None:
        with _recording(session, self.recorder):
            await super().run(session)

    async def _timed(self, session: Session, action: Action, counts: Counts) -> Answer:
        recorder = self.recorder
        sample = session.sample = recorder.begin(self.series.case, self.series.name)
        if recorder.header is not None:
            action = replace(action, headers={**action.headers, recorder.header: sample.id})
        try:
            answer = await super()._timed(session, action, counts)
        finally:
            sample.latency = counts.latencies[-1]
        sample.status = answer.status or None
        return answer


@contextmanager
def _recording(session: Session, recorder: Recorder) -> Iterator[None]:
    """Pass on the sample that the body of the `with` begins, if any, with its outcome."""
    session.sample = None
    kind, detail = "cancelled", ""
    try:
        yield
        kind = "ok"
    except StepFailed as failure:
        kind, detail = failure.kind, failure.detail
        raise
    finally:
        if (sample := session.sample) is not None:
            sample.kind, sample.detail = kind, detail
            recorder.end(sample)
