"""`clausewise audit`: a stack file or a model folder, checked against the texts of every license that binds its parts."""

from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from rag import folder, known
from rag.answer_json import citation_json
from rag.audit import Audit, Auditor, Bound
from rag.clashes import Found, cited
from rag.lineage import Bond
from rag.question import Question
from rag.stack import MOST_COMPONENTS, Stack, Use, parse
from rag.types import SEVERITY, Citation
from ui import terminal
from ui.render import bullets, escape, short

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from ui.opened import Opener

_MOST_BYTES = 2_000_000
QUOTED = 160  # of a quotation this much stands beside a finding
Place = Callable[[Citation], str]
_SIGNS = {"error": "Error", "warning": "Warning", "note": "Note"}


def run(args: Namespace, home: Path, opener: "Opener") -> int:
    """Audit the path of the command line; return 1 if an error was found, else 0."""
    if args.path.is_dir():
        read = folder.read(args.path)
        pipeline = opener(home)
        found = _folder(read, pipeline, home)
    else:
        stack = _stack(args.path)
        found = opener(home).audit(stack)
    if args.format == "json":
        terminal.json_text(audit_json(found))
    else:
        terminal.markdown(markdown(found))
    return 1 if any(f.level == "error" for f in found.findings) else 0


def _stack(path: Path) -> Stack:
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(f"{path} has {size:,} bytes; a stack of {MOST_COMPONENTS} components needs far less")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); give a stack file or a model folder"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    return parse(text, path.suffix.lower() in (".yaml", ".yml"))


def _folder(read: folder.Folder, pipeline: "Pipeline", home: Path) -> Audit:
    named = Auditor(pipeline.registry, pipeline).licenses
    tagged = tuple(id for part in (read.tag or "").split(" AND ") if part for id in named(part))
    model = next((m.model for m in pipeline.registry.mentions(read.name) if m.model), None)
    texts = folder.texts(read, known.load(home).identify)
    more = folder.findings(read, texts, tagged)
    if not any(f.code == "code-license-for-weights" for f in more):
        more = (*more, *folder.of_known(read, pipeline.registry.model(model) if model else None, tagged))
    stack = folder.stack(read, Use("weights"), folder.governing(read, texts, tagged))
    if not stack.components:
        return Audit("no", (), more, (), ())
    found = pipeline.audit(stack)
    worst = "no" if any(f.level == "error" for f in more) else found.verdict
    verdict = min((found.verdict, worst), key=SEVERITY.__getitem__)
    through = [b for bound in found.components if bound.component.name == read.name for b in bound.bonds]
    beside = [
        Found(
            "warning",
            read.name,
            "base-license",
            f"the tag says {read.tag}, but {b.license} binds it too, through {b.root}",
        )
        for b in through
        if b.kind == "derivative" and read.tag and b.license not in tagged
    ]
    policies = () if read.policy else _policies(read, through, pipeline)
    lacking = (*_notices(read, found), *policies)
    return replace(found, verdict=verdict, findings=(*more, *beside, *found.findings, *lacking))


def _policies(read: folder.Folder, bonds: Iterable[Bond], pipeline: "Pipeline") -> tuple[Found, ...]:
    """Return a note for each license whose use policy binds whoever takes the folder, and which the folder has no copy of."""
    found = {}
    for license in dict.fromkeys(bond.license for bond in bonds):
        case = pipeline.case(Question("", "permission"), license)
        line = case.first("use-policy", "must")
        # Many licenses hold their use restrictions themselves; meant are those that stand in a text of their own.
        if line is not None and (case.external or pipeline.catalog.policies(license)):
            text = f"{case.title} binds users to a use policy, and the folder has no USE_POLICY file"
            found[license] = Found("note", read.name, "use-policy-absent", text, cited((line,)))
    return tuple(found.values())


def _notices(read: folder.Folder, found: Audit) -> tuple[Found, ...]:
    """Return a finding for a notice file or use policy that a license asks for and the folder lacks."""
    here = [o for o in found.obligations if o.component == read.name]
    lacking = []
    for kind, there, what in (
        ("notice-file", read.notice, "a NOTICE file"),
        ("provide-license-copy", bool(read.license_files), "a copy of the license"),
    ):
        # A notice file that a license only asks to pass on if there is one cannot be missed here.
        asked = [o for o in here if o.duty.kind == kind and (kind != "notice-file" or o.duty.exact)]
        if asked and not there:
            text = f"{asked[0].license} asks for {what}, and the folder has none"
            lacking.append(Found("error", read.name, f"{kind}-missing", text, asked[0].citations, (read.name,)))
    return tuple(lacking)


def audit_json(found: Audit) -> dict[str, Any]:
    """Return an audit by the names of the published interface."""
    return {
        "verdict": found.verdict,
        "components": [
            {
                "name": bound.component.name,
                "verdict": bound.verdict,
                "licenses": [
                    {"license": b.license, "root": b.root, "kind": b.kind, "via": list(b.via)} for b in bound.bonds
                ],
            }
            for bound in found.components
        ],
        "findings": [
            {
                "level": f.level,
                "component": f.component,
                "code": f.code,
                "text": f.text,
                "roots": list(f.roots),
                "citations": [citation_json(c) for c in f.citations],
            }
            for f in found.findings
        ],
        "obligations": [
            {
                "component": o.component,
                "license": o.license,
                "root": o.root,
                "kind": o.duty.kind,
                "exact": o.duty.exact,
                "who": o.duty.who,
                "trigger": o.duty.trigger,
                "strength": o.duty.strength,
                "text": o.duty.text,
                "citations": [citation_json(c) for c in o.citations],
            }
            for o in found.obligations
        ],
        "permissions": [
            {
                "act": p.act,
                "verdict": p.verdict,
                "component": p.component,
                "license": p.license,
                "citations": [citation_json(c) for c in p.citations],
            }
            for p in found.permissions
        ],
        "replacements": [{"component": r.component, "candidates": list(r.candidates)} for r in found.replacements],
    }


def _place(of: Citation) -> str:
    return escape(f"{of.document} {of.clause}: “{short(of.quote, QUOTED)}”")


def markdown(found: Audit, place: Place = _place) -> str:
    """Return an audit as Markdown; `place` tells where a citation stands, with its words."""
    parts = [
        f"**Verdict: {found.verdict}**",
        bullets(
            "Components, the most restricted first",
            map(_component, sorted(found.components, key=lambda bound: SEVERITY[bound.verdict])),
        ),
        bullets(
            "The whole allows",
            (
                f"{p.act.replace('-', ' ')}: {p.verdict}, by {escape(p.license)} of {escape(p.component)}"
                for p in found.permissions
            ),
        ),
        bullets(
            "Findings",
            (
                f"**{_SIGNS[f.level]}** {escape(f.component)}, {f.code}: {escape(f.text)}{_places(f.citations, place)}"
                for f in found.findings
            ),
        ),
        bullets(
            "Duties",
            dict.fromkeys(
                f"[ ] {escape(o.component)}: {escape(o.duty.text)}{_places(o.citations, place)}"
                for o in found.obligations
            ),
        ),
        bullets(
            "To swap",
            (
                f"{escape(r.component)}; models that fit: {', '.join(map(escape, r.candidates)) or 'none known'}"
                for r in found.replacements
            ),
        ),
        "*Information, not legal advice.*",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _component(bound: Bound) -> str:
    through = (f"{b.license}" + (f" through {b.root}" if b.root != bound.component.name else "") for b in bound.bonds)
    return f"{escape(bound.component.name)}: {bound.verdict} ({escape(', '.join(through)) or 'own work'})"


def _places(citations: tuple[Citation, ...], place: Place) -> str:
    return "".join(f" [{place(each)}]" for each in citations)
