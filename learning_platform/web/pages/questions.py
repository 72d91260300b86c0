"""Questions: lists of a track and of an assignment, a question with its answers, and what is done with them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.questions import actions, queries
from learning_platform.questions.mentionable import mentionable
from learning_platform.questions.readers import Reader as QuestionReader
from learning_platform.questions.readers import reader_of_assignment, reader_of_track
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import list_page
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.questions import (
    NewAnswer,
    NewQuestion,
)
from learning_platform.web.schemas.texts import MACHINE, SEARCH

router = page_router()
QUESTIONS_PER_PAGE = 25
Search = Annotated[str, Query(max_length=200, pattern=NO_NUL), SEARCH]
Show = Annotated[str, Query(max_length=20, pattern=NO_NUL), MACHINE]
After = Annotated[int, Query(ge=0, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which part of which questions is shown; `show` is the name of a filter or empty."""

    search: str
    show: str
    after: int

    @property
    def filter(self) -> queries.Filter:
        """Return the filter for the list."""
        return queries.Filter(
            self.search,
            unanswered=self.show == "unanswered",
            mine=self.show == "mine",
            pinned=self.show == "pinned",
            reported=self.show == "reported",
        )


def chosen_questions(q: Search = "", show: Show = "", after: After = 0) -> Chosen:
    """Return what was asked for."""
    return Chosen(q, show, after)


ChosenQuestions = Annotated[Chosen, Depends(chosen_questions)]


@router.get("/tracks/{track_id}/questions")
async def show_questions_of_track(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader, chosen: ChosenQuestions
) -> Response:
    """Show the questions of a track."""
    reader = await reader_of_track(db, track_id=track_id, actor=user.actor, now=viewer.now)
    return await _list(request, db, reader, None, chosen, form=Form(viewer.language), viewer=viewer)


@router.get("/assignments/{assignment_id}/questions")
async def show_questions_of_assignment(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader, chosen: ChosenQuestions
) -> Response:
    """Show the questions of an assignment, with a form for one more."""
    reader = await reader_of_assignment(db, assignment_id=assignment_id, actor=user.actor, now=viewer.now)
    return await _list(request, db, reader, assignment_id, chosen, form=Form(viewer.language), viewer=viewer)


@router.post("/assignments/{assignment_id}/questions")
async def ask(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Ask a question."""
    with form.refusing() as fields:
        new = fields.read(NewQuestion)
        async with begin(services) as db:
            asked = await actions.ask(
                db, assignment_id=assignment_id, actor=user.actor, title=new.title, text=new.text, now=viewer.now
            )
        return redirect_to(f"/questions/{asked.id}", notice="asked")
    async with services.database.connection() as db:
        reader = await reader_of_assignment(db, assignment_id=assignment_id, actor=user.actor, now=viewer.now)
        return await _list(request, db, reader, assignment_id, Chosen("", "", 0), form=form, viewer=viewer)


@router.get("/questions/{question_id}")
async def show_question(
    request: Request, question_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Show a question with its answers."""
    return await _question(request, db, question_id, viewer, user)


@router.post("/questions/{question_id}/answers")
async def answer(
    request: Request, question_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Answer a question."""
    with form.refusing() as fields:
        text = fields.read(NewAnswer).text
        async with begin(services) as db:
            answered = await actions.answer(db, question_id=question_id, actor=user.actor, text=text, now=viewer.now)
        return to_post(answered, answered.posts[-1], notice="answered")
    async with services.database.connection() as db:
        return await _question(request, db, question_id, viewer, user, form=form)


@router.get("/posts/{post_id}/edit")
async def show_post(post_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Redirect a reload of a rejected form to its page."""
    _, found, post = await queries.question_of_post(db, post_id=post_id, actor=user.actor, now=viewer.now)
    return to_post(found, post, notice=None)


@router.post("/posts/{post_id}/edit")
async def edit_post(
    request: Request, post_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change a question or an answer of one's own."""
    async with services.database.connection() as db:
        _, found, post = await queries.question_of_post(db, post_id=post_id, actor=user.actor, now=viewer.now)
    with form.refusing() as fields:
        title = fields.read(NewQuestion).title if post.position == 1 else None
        text = fields.read(NewAnswer).text
        async with begin(services) as db:
            await actions.edit_post(
                db, post_id=post_id, actor=user.actor, title=title, text=text, seen=form.seen, now=viewer.now
            )
        return to_post(found, post, notice="saved")
    async with services.database.connection() as db:
        return await _question(request, db, found.id, viewer, user, form=form, post_id=post_id)


@router.post("/posts/{post_id}/delete")
async def delete_post(post_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Delete an answer of one's own, or a question without answers."""
    found = await actions.delete_post(db, post_id=post_id, actor=user.actor, now=now)
    if post_id == found.first.id:
        return redirect_to(f"/assignments/{found.assignment_id}/questions", notice="question_deleted")
    return redirect_to(f"/questions/{found.id}", notice="answer_deleted")


def to_post(question: queries.Question, post: queries.Post, *, notice: str | None) -> Response:
    """Redirect to a post on the page of its question."""
    return redirect_to(f"/questions/{question.id}#post-{post.id}", notice=notice)


async def _list(
    request: Request,
    db: Connection,
    reader: QuestionReader,
    assignment_id: int | None,
    chosen: Chosen,
    *,
    form: Form,
    viewer: Viewer,
) -> Response:
    found = await queries.questions(
        db,
        reader,
        assignment_id=assignment_id,
        chosen=chosen.filter,
        after=chosen.after,
        limit=QUESTIONS_PER_PAGE + 1,
    )
    may_ask = assignment_id is not None and reader.may_write(assignment_id, now=viewer.now)
    return page(
        request,
        "questions.html",
        status=form.status,
        reader=reader,
        track=reader.track,
        assignment=reader.open.get(assignment_id) if assignment_id is not None else None,
        assignment_id=assignment_id,
        part=list_page(request, found, size=QUESTIONS_PER_PAGE, after=chosen.after),
        chosen=chosen,
        form=form,
        new=await queries.count_new(db, reader),
        is_muted=await queries.is_track_muted(db, reader),
        may_ask=may_ask,
        names=await mentionable(db, reader, assignment_id=assignment_id) if may_ask and assignment_id else [],
    )


async def _question(
    request: Request,
    db: Connection,
    question_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form | None = None,
    post_id: int | None = None,
) -> Response:
    """Show a question; `form` was refused: of the post with this id, or that of a new answer."""
    reader, found = await queries.question(db, question_id=question_id, actor=user.actor, now=viewer.now)
    return page(
        request,
        "question.html",
        status=200 if form is None else form.status,
        reader=reader,
        track=reader.track,
        question=found,
        typed=form if form is not None and post_id is not None else None,
        typed_at=post_id,
        form=form if form is not None and post_id is None else Form(viewer.language),
        may_write=reader.may_write(found.assignment_id, now=viewer.now),
        names_shown=found.assignment_id in reader.named,
        names=await mentionable(db, reader, assignment_id=found.assignment_id),
    )
