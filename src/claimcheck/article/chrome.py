"""Lines that sites print round an article: share bars, datelines, comment forms.

The same lines come with a page as HTML and with a page pasted as plain text, so both
readers ask here.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "closes_article",
    "is_furniture",
    "looks_like_heading",
    "opens_references",
    "opens_tail",
]

_FLAGS = re.IGNORECASE | re.VERBOSE

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
_DATE = (
    rf"(?:{_DAY},?\s+)?(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+\d{{4}}"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d)"
)
_TIME = (
    r"(?:\s*[,|@-]?\s*(?:at\s+)?\d{1,2}[:.]\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4})?)?"
)

# Whole lines, of at most 20 words, that are never a sentence of the article.
_FURNITURE: Final = re.compile(
    rf"""
    (?:(?:first\s+)?(?:published|posted|updated|edited|last\s+(?:updated|modified|reviewed
        |revised)|created|reviewed|modified|date)
        \s*(?:on|at)?\s*:?\s*)?{_DATE}{_TIME}(?:\s*[|,·•-]\s*.{{0,40}})?
    |(?:{_DAY},?\s+)?{_MONTH}\s+\d{{1,2}},?{_TIME}
    |(?:(?:last|original|first|next|date|medical(?:ly)?|article|page)\s+)*(?:review(?:ed)?
        |revised|revision|updated?|modified|published|publication|source|date)(?:\s+(?:date|by
        |of\s+publication))?\s*:.{{0,200}}
    |(?:pinned:?\s+)?(?:thanks\s+for\s+reading[!.]?\s+)?(?:please\s+)?(?:subscribe
        |sign\s+up)\s+(?:for|to|now|today|here|via|by)\b.{{0,100}}
    |(?:your|our|sale|list|retail|regular)?\s*price\s*:.{{0,40}}|(?:add\s+to\s+(?:cart|basket
        |bag)|buy\s+now|in\s+stock|out\s+of\s+stock).{{0,40}}
    |(?:posted|updated|published)\s*:.{{0,140}}
    |(?:we\s+(?:comply\s+with|subscribe\s+to|adhere\s+to)\s+the
        |this\s+(?:web\s?)?site\s+complies).{{0,40}}honcode.{{0,100}}
    |(?:posted|published|written|submitted|reported|reviewed|medically\s+reviewed|filed
        |created)\s+(?:by|on|in|at|under)\b.{{0,120}}
    |by\s*:?\s+(?:(?:dr|mr|mrs|ms|prof)\.?\s+)?(?-i:[A-Z][\w.'’-]+)(?:\s+(?:and\s+|&\s+|de\s+
        |von\s+|van\s+)?(?-i:[A-Z][\w.'’-]*)){{0,5}}(?:,\s.{{0,60}})?(?:\s*[|•·-]\s*.{{0,60}})?
    |by\s*:\s*\S+(?:\s\S+){{0,4}}
    |\d+\s*[- ]?min(?:ute)?s?(?:\s+read)?|reading\s+time:?.{{0,20}}
    |(?:share|tweet|pin|email|print|save|like|bookmark|facebook|twitter|pinterest|linkedin
        |reddit|whatsapp|digg|stumbleupon|del\.icio\.us|google|rss|comments?|send|buzz|favorites?
        |[|/•·,&+\s]|this|it|page|article|post|story|with|friends?|to|a|on|us|follow|copy|link
        |more|via|and|by)+:?
    |(?:share|print|email|e-mail|bookmark|save)\s+(?:this|the|to|with|on|via|a|it)\b.{{0,60}}
    |[-–—*\s]*adverti[sz]e?ments?[-–—*\s]*|[-–—*\s]*(?:ads?|sponsored(?:\s+(?:links?|content
        |by.{{0,30}}))?)[-–—*\s]*(?:by\s+google)?
    |(?:story|article)\s+continues\s+(?:below|after).{{0,40}}|continue\s+reading\s+(?:below
        |the\s+main\s+story).{{0,40}}
    |(?:please\s+)?(?:enter|type|fill\s+in|leave)\s+(?:your|a|in)\s+(?:comment|name|e-?mail
        |website|reply|message|details)\b.{{0,40}}
    |you\s+(?:have\s+entered\s+an\s+incorrect\s+email|must\s+be\s+logged\s+in
        |need\s+to\s+be\s+logged).{{0,80}}
    |(?:log|sign)\s+in\b.{{0,60}}|(?:sign\s+in|log\s*in)\s*[/|]\s*(?:join|register).{{0,20}}
        |register\s+now.{{0,40}}|already\s+a\s+member\?.{{0,40}}
    |skip\s+to\s+.{{0,40}}|(?:back\s+to|return\s+to)\s+(?:the\s+)?(?:top|home|main|index
        |page).{{0,40}}|top\s+of\s+(?:the\s+)?page|jump\s+to\b.{{0,60}}
    |(?:click\s+here|read\s+(?:more|on|the\s+full|full|next|also)|continue\s+reading
        |view\s+(?:all|more|full|the)|see\s+(?:all|more|also)|learn\s+more|find\s+out\s+more
        |more\s+info(?:rmation)?|full\s+story|next\s+page|previous\s+page|next|previous|more|home
        |menu|search|close)\b[\s:.»›>…→-]*(?-i:.{{0,0}})
    |(?:next|prev(?:ious)?)\s*(?:page|article|post|story)?\s*[:»›>→|].{{0,80}}
        |[«‹<←]\s*(?:prev|back|older|newer).{{0,60}}
    |page\s+\d+\s+of\s+\d+.{{0,30}}|(?:pages?:?\s*)?\d+(?:(?:\s*[|,]\s*
        |\s+)\d+)+(?:\s*next.{{0,10}})?
    |(?:tags?|filed\s+under|categor(?:y|ies)|topics?|labels|keywords|posted\s+in
        |see\s+more)\s*:.{{0,200}}
    |\d+\s+(?:comments?|responses?|replies|shares?|views?|likes?|votes?|ratings?)\b.{{0,60}}
        |(?:no|add|post|view|leave|write)\s+(?:a\s+|your\s+)?comments?\b.{{0,60}}
        |comments?\s*(?:\(\d+\)|off|are\s+closed|closed|:).{{0,40}}
        |be\s+the\s+first\s+to\s+.{{0,60}}
    |(?:photo(?:graph)?|image|picture|illustration|credit|photo\s+credit
        |source\s+image)s?\s*(?:by|credit|courtesy|:|/|©).{{0,100}}
    |(?:©|\(c\)|copyright)\s.{{0,160}}|.{{0,100}}all\s+rights\s+reserved\.?.{{0,60}}
    |(?:image|video|photo|gallery|slideshow|related|listen|watch|audio)\s*:?
    |breadcrumbs?|you\s+are\s+here\s*:.{{0,120}}|home\s*[>»›/|:].{{0,120}}
    |(?:font|text)\s+size\s*:?.{{0,20}}|(?:larger|smaller)\s+(?:text|font|type).{{0,20}}
        |[A-]\s*[A+]\s*[A+]?
    |(?:rate|rating)\s*(?:this|:).{{0,40}}|was\s+this\s+(?:article|page|information
        |helpful).{{0,40}}|report\s+(?:abuse|this).{{0,40}}
    |(?:subscribe|follow\s+us|join\s+us|like\s+us|find\s+us)\b.{{0,80}}|(?:get
        |receive)\s+(?:our|the|free)\b.{{0,60}}(?:newsletter|updates|inbox|e-?mail).{{0,40}}
    |enlarge(?:\s+.{{0,80}})?|toggle\s+.{{0,30}}|hide\s+caption
        |loading[.…]*|getty\s+images|associated\s+press
    """,
    _FLAGS,
)

_COPYRIGHT: Final = re.compile(
    r"(?:copyright\s*)?(?:©|\(c\))|copyright,?\s+(?:19|20)\d\d", re.IGNORECASE
)

# A short line after which nothing of the article comes: readers' comments, page ends.
_END: Final = re.compile(
    r"""
    (?:leave|post|add|write|submit|make)\s+(?:a|your|new)?\s*(?:reply|comment|response|review
        |feedback)s?\b.{0,40}
    |(?:(?:\d+|all|reader|readers['’]?|user|browser|visitor|recent|latest|your|the|view|show
        |most|facebook|public)\s+){0,2}comments?(?:\s*[:(\[].{0,20}|\s+(?:to|on|for)\s.{0,120}
        |\s+\d+)?
    |(?:replies|trackbacks?|pingbacks?)\s*:?
    |\d+\s+(?:thoughts?|comments?|responses?|replies)\s+(?:on|to)\b.{0,120}
    |(?:there\s+are\s+)?(?:currently\s+)?no\s+comments.{0,40}
    |please\s+enter\s+your\s+(?:comment|name).{0,30}
    |(?:join|start)\s+the\s+(?:discussion|conversation).{0,40}|what\s+do\s+you\s+think\?
        |have\s+your\s+say.{0,20}|tell\s+us\s+what\s+you\s+think.{0,30}
    |(?:discuss|talk\s+about)\s+(?:this|it|topics?)\b.{0,40}|.{0,80}\(continued[.…]*\)
        |post\s+navigation|trackback(?:\s+url)?.{0,60}
    """,
    _FLAGS,
)

# A short line that opens a box of the site's: related links, newsletters, the author.
_TAIL: Final = re.compile(
    r"""
    (?:most|more)\s+(?:popular|read|viewed|shared|emailed|recent|commented)\b.{0,40}
        |popular\s+(?:posts?|articles?|stories|now|topics).{0,20}|trending(?:\s+.{0,20})?
    |(?:related|similar|recommended|suggested|previous|earlier|more|latest|recent|other
        |further|featured|popular|top|additional)\s+(?:to\s+this\s+)?(?:articles?|posts?|stories
        |story|reading|topics?|links?|news|content|coverage|entries|items|pages|videos?|products?
        |resources?|searches|questions|information|blogs?|headlines|guides|treatments?)\b.{0,40}
    |related\s*:?|recommended(?:\s+for\s+you)?|(?:you\s+(?:may|might)(?:\s+also)?|you'll
        |you’ll|people\s+also|also)\s+(?:like|love|enjoy|be\s+interested|read|viewed).{0,40}
    |more\s+(?:from|on|in|about|like|stories|news|great|articles)\b.{0,60}
        |read\s+(?:this\s+)?next:?|up\s+next:?|see\s+also:?|don['’]t\s+miss.{0,30}
        |editors?['’]?s?\s+picks?
    |(?:.{0,40}\s)?about\s+the\s+(?:author|writer|contributor|blogger)s?.{0,40}
        |(?:meet\s+)?the\s+author|author\s+bio.{0,20}|written\s+by.{0,60}
    |(?:share|bookmark|print|email|save|spread)\s+(?:this|the\s+(?:word|love))\b.{0,40}
        |share\s*:?|sharing\s+is\s+caring.{0,10}
    |(?:(?:article\s+)?tags|filed\s+under|categories|archives|blogroll|meta|navigation|search
        |links|pages)\s*:?
    |subscribe\b.{0,60}|(?:sign\s+up|join)\s+(?:for|to)?\s*(?:our|the)?\s*.{0,30}(?:newsletter
        |mailing\s+list|updates).{0,40}|newsletter(?:\s+sign-?up)?|follow\s+us.{0,40}
        |stay\s+(?:connected|in\s+touch).{0,20}|connect\s+with\s+us.{0,20}|get\s+in\s+touch
    |[-–—*\s]*adverti[sz]e?ments?[-–—*\s]*|sponsored(?:\s+links?)?|ads\s+by\s+.{0,20}
        |from\s+(?:our\s+partners|around\s+the\s+web)
    |permalink.{0,60}|not\s+registered\s+yet\?|.{0,30}\b(?:recommended|featured
        |related)\s+products?
    """,
    _FLAGS,
)
# A section of bare titles of other people's papers; a title is no claim of the article.
_REFERENCES: Final = re.compile(
    r"(?:(?:selected|key|further|list\s+of|article|cited|external|additional)\s+)?"
    r"(?:references?|sources?|source\(s\)|bibliography|citations?|works\s+cited"
    r"|literature(?:\s+cited)?|"
    r"footnotes|endnotes|external\s+links|further\s+reading)"
    r"(?:\s+(?:and|&)\s+(?:references?|sources?|further\s+reading|notes|resources|links))?\s*:?",
    re.IGNORECASE,
)


def is_furniture(text: str) -> bool:
    """Whether a whole line is the site's and not the author's."""
    text = text.strip()
    if _COPYRIGHT.match(text):
        return len(text.split()) <= 80
    return len(text) <= 240 and len(text.split()) <= 24 and bool(_FURNITURE.fullmatch(text))


def closes_article(text: str) -> bool:
    """Whether a line is the heading of readers' comments or the end of a page."""
    text = text.strip()
    return len(text) <= 160 and bool(_END.fullmatch(text))


def looks_like_heading(text: str) -> bool:
    """Whether a line that stands alone reads as a heading: short, no stop, begins big.

    At most ten words, or up to sixteen if nearly every word of four letters or more is
    capitalised.
    """
    text = text.strip()
    core = text.strip("\"'“”‘’()[]¿¡")
    if not core or len(text) > 160 or core[-1] in ".!;,:…":
        return False
    words = text.split()
    if len(words) > 16 or not (core[0].isupper() or core[0].isdigit()):
        return False
    if len(words) <= 10:
        return True
    long_words = [word for word in words if len(word.strip("\"'“”‘’(),")) >= 4]
    return sum(word.lstrip("\"'“‘(")[:1].isupper() for word in long_words) >= 0.8 * len(long_words)


def opens_tail(text: str) -> bool:
    """Whether a line opens a box of related links, a newsletter form and the like."""
    text = text.strip()
    return len(text) <= 160 and bool(_TAIL.fullmatch(text))


def opens_references(text: str) -> bool:
    """Whether a line is the heading of a list of sources."""
    return len(text) <= 60 and bool(_REFERENCES.fullmatch(text.strip()))
