"""The things that tiles show, drawn by hand on a field of 200 by 200.

A drawing names its colours: `m` the item's own, `d` darker, `l` lighter, `a` the accent, `i` ink.
"""

from collections.abc import Mapping
from typing import Final

DRAWINGS: Final[Mapping[str, str]] = {
    "candle": (
        '<rect x="76" y="86" width="48" height="74" rx="6" fill="{m}"/>'
        '<path d="M76 96q12 12 20 2t16 4 12-6v-4a6 6 0 0 0-6-6H82a6 6 0 0 0-6 6z" fill="{l}"/>'
        '<path d="M100 86V74" stroke="{i}" stroke-width="3" stroke-linecap="round"/>'
        '<path d="M100 38c12 15 14 22 9 31a10.5 10.5 0 0 1-18 0c-5-9-3-16 9-31z" fill="#efa73e"/>'
        '<path d="M100 54c6 7 6 11 3 15a4 4 0 0 1-6 0c-3-4-3-8 3-15z" fill="#fff6d8"/>'
        '<ellipse cx="100" cy="161" rx="42" ry="7" fill="{d}"/>'
    ),
    "lantern": (
        '<path d="M80 62a20 20 0 0 1 40 0" fill="none" stroke="{d}" stroke-width="4"/>'
        '<path d="M70 80l14-18h32l14 18z" fill="{m}"/>'
        '<rect x="72" y="80" width="56" height="70" fill="{l}" opacity=".75"/>'
        '<path d="M100 96c8 11 10 16 6 23a7 7 0 0 1-12 0c-4-7-2-12 6-23z" fill="#efa73e"/>'
        '<rect x="91" y="124" width="18" height="26" rx="2" fill="#fffaf0"/>'
        '<path d="M72 80v70M128 80v70" stroke="{d}" stroke-width="5"/>'
        '<rect x="64" y="150" width="72" height="10" rx="3" fill="{m}"/>'
    ),
    "cup": (
        '<path d="M130 92h10a18 18 0 0 1 0 36h-12" fill="none" stroke="{d}" stroke-width="8"/>'
        '<path d="M60 78h74v42a30 30 0 0 1-30 30H90a30 30 0 0 1-30-30z" fill="{m}"/>'
        '<path d="M60 100h74v8H60z" fill="{l}"/><circle cx="97" cy="122" r="7" fill="{a}"/>'
        '<ellipse cx="97" cy="78" rx="37" ry="7" fill="{d}"/>'
        '<ellipse cx="97" cy="159" rx="48" ry="6" fill="{l}"/>'
        '<path d="M84 62q-6-8 0-14t0-14M108 62q-6-8 0-14t0-14" fill="none" stroke="{l}" '
        'stroke-width="4" stroke-linecap="round"/>'
    ),
    "teapot": (
        '<path d="M60 112q-26-4-30-26 22-2 34 14z" fill="{d}"/>'
        '<path d="M138 92q34-6 30 20t-36 22" fill="none" stroke="{d}" stroke-width="8"/>'
        '<path d="M100 78c32 0 46 18 46 38s-18 40-46 40-46-20-46-40 14-38 46-38z" fill="{m}"/>'
        '<path d="M74 82q26-18 52 0z" fill="{l}"/><circle cx="100" cy="66" r="7" fill="{a}"/>'
        '<path d="M56 124q44 16 88 0v8q-44 16-88 0z" fill="{l}" opacity=".7"/>'
    ),
    "plate": (
        '<circle cx="100" cy="102" r="56" fill="{m}"/><circle cx="100" cy="102" r="38" fill="{l}"/>'
        '<circle cx="100" cy="102" r="47" fill="none" stroke="{a}" stroke-width="3" '
        'stroke-dasharray="2 9" stroke-linecap="round"/>'
        '<path d="M100 84c8 0 14 8 14 16s-6 18-14 18-14-10-14-18 6-16 14-16z" fill="{d}" opacity=".4"/>'
    ),
    "bowl": (
        '<path d="M44 92h112q-4 58-56 60-52-2-56-60z" fill="{m}"/>'
        '<ellipse cx="100" cy="92" rx="56" ry="10" fill="{d}"/>'
        '<path d="M50 114q50 18 100 0l-3 9q-47 16-94 0z" fill="{l}"/>'
        '<rect x="80" y="150" width="40" height="9" rx="4" fill="{d}"/>'
    ),
    "jar": (
        '<rect x="66" y="50" width="68" height="16" rx="5" fill="{d}"/>'
        '<path d="M68 66h64q10 8 10 20v60a14 14 0 0 1-14 14H72a14 14 0 0 1-14-14V86q0-12 10-20z" '
        'fill="{m}"/><rect x="70" y="96" width="60" height="40" rx="5" fill="{l}"/>'
        '<path d="M100 128c-16-10-14-24-5-24 4 0 5 4 5 4s1-4 5-4c9 0 11 14-5 24z" fill="{a}"/>'
    ),
    "bottle": (
        '<rect x="88" y="36" width="24" height="16" rx="4" fill="{d}"/>'
        '<path d="M90 52h20v14q24 8 24 34v48a14 14 0 0 1-14 14H80a14 14 0 0 1-14-14v-48q0-26 24-34z" '
        'fill="{m}"/><path d="M100 140c-22-14-19-34-7-34 6 0 7 6 7 6s1-6 7-6c12 0 15 20-7 34z" '
        'fill="{a}"/><path d="M76 94q4-14 14-18" fill="none" stroke="{l}" stroke-width="5" '
        'stroke-linecap="round"/>'
    ),
    "cake": (
        '<path d="M56 108h88l-10 46a8 8 0 0 1-8 6H74a8 8 0 0 1-8-6z" fill="{m}"/>'
        '<path d="M76 110l6 48M100 110v50M124 110l-6 48" stroke="{d}" stroke-width="4"/>'
        '<path d="M50 108c-4-14 6-22 14-22 0-14 14-24 36-24s36 10 36 24c8 0 18 8 14 22z" '
        'fill="{l}"/><circle cx="100" cy="56" r="10" fill="{a}"/>'
        '<path d="M74 92l8-4M96 82l8 3M118 94l7-4" stroke="{a}" stroke-width="4" '
        'stroke-linecap="round"/>'
    ),
    "spoon": (
        '<path d="M82 96l8 62a7 7 0 0 0 14 0l-4-62z" fill="{d}"/>'
        '<ellipse cx="90" cy="70" rx="22" ry="30" fill="{m}"/>'
        '<ellipse cx="90" cy="70" rx="12" ry="19" fill="{l}"/>'
        '<path d="M124 40v30a10 10 0 0 0 20 0V40M134 40v116" fill="none" stroke="{a}" '
        'stroke-width="7" stroke-linecap="round"/>'
    ),
    "bag": (
        '<path d="M76 82V68a24 24 0 0 1 48 0v14" fill="none" stroke="{d}" stroke-width="7"/>'
        '<path d="M56 82h88l8 68a10 10 0 0 1-10 10H58a10 10 0 0 1-10-10z" fill="{m}"/>'
        '<path d="M56 82h88l2 16H54z" fill="{d}" opacity=".55"/>'
        '<circle cx="82" cy="124" r="8" fill="{l}"/><circle cx="118" cy="124" r="8" fill="{l}"/>'
        '<circle cx="100" cy="142" r="8" fill="{a}"/><circle cx="100" cy="110" r="5" fill="{l}"/>'
    ),
    "purse": (
        '<path d="M52 94q48-34 96 0l8 44q-2 20-22 20H66q-20 0-22-20z" fill="{m}"/>'
        '<path d="M52 94q48-34 96 0l2 10q-50-30-100 0z" fill="{d}"/>'
        '<circle cx="94" cy="72" r="7" fill="{a}"/><circle cx="106" cy="72" r="7" fill="{a}"/>'
        '<path d="M100 146c-20-12-17-30-6-30 5 0 6 5 6 5s1-5 6-5c11 0 14 18-6 30z" fill="{l}"/>'
    ),
    "umbrella": (
        '<path d="M100 60v88a13 13 0 0 0 26 0" fill="none" stroke="{i}" stroke-width="5" '
        'stroke-linecap="round"/><path d="M38 106a62 62 0 0 1 124 0q-10-12-20.7 0-10-12-20.7 0'
        '-10-12-20.6 0-10-12-20.6 0-10-12-20.7 0Q48 94 38 106z" fill="{m}"/>'
        '<path d="M79.4 106Q82 66 100 44q18 22 20.6 62-10-12-20.6 0-10-12-20.6 0z" fill="{l}"/>'
        '<circle cx="100" cy="41" r="5" fill="{a}"/>'
    ),
    "star": (
        '<path d="M100 38l18 40 44 5-33 29 10 43-39-22-39 22 10-43-33-29 44-5z" fill="{m}" '
        'stroke="{m}" stroke-width="6" stroke-linejoin="round"/>'
        '<path d="M100 38v95l-39 22 10-43-33-29 44-5z" fill="{d}" opacity=".35"/>'
        '<circle cx="100" cy="100" r="10" fill="{a}"/>'
    ),
    "bauble": (
        '<path d="M100 32v18" stroke="{i}" stroke-width="3"/>'
        '<rect x="88" y="50" width="24" height="16" rx="4" fill="{a}"/>'
        '<circle cx="100" cy="112" r="48" fill="{m}"/>'
        '<path d="M53 104q16 14 31.3 0t31.3 0 31.4 0v14q-16 14-31.4 0t-31.3 0-31.3 0z" fill="{l}"/>'
        '<path d="M70 82q8-12 20-14" fill="none" stroke="#fff" stroke-opacity=".7" stroke-width="5" '
        'stroke-linecap="round"/>'
    ),
    "tree": (
        '<rect x="92" y="140" width="16" height="22" fill="{i}"/>'
        '<path d="M100 44l30 40H70z" fill="{l}"/><path d="M100 66l40 46H60z" fill="{m}"/>'
        '<path d="M100 92l50 52H50z" fill="{d}"/><circle cx="100" cy="42" r="8" fill="{a}"/>'
        '<circle cx="86" cy="104" r="5" fill="{a}"/><circle cx="116" cy="126" r="5" fill="{a}"/>'
        '<circle cx="80" cy="130" r="5" fill="#fff"/><circle cx="108" cy="88" r="4" fill="#fff"/>'
    ),
    "plant": (
        '<path d="M100 112C96 80 74 66 50 66c2 26 22 44 50 46z" fill="{m}"/>'
        '<path d="M100 104c2-32 22-50 48-54 2 28-18 52-48 54z" fill="{d}"/>'
        '<path d="M100 120c-6-26-2-52 0-76 12 24 10 52 0 76z" fill="{l}"/>'
        '<path d="M66 112h68l-8 42a8 8 0 0 1-8 6H82a8 8 0 0 1-8-6z" fill="{a}"/>'
        '<rect x="60" y="106" width="80" height="14" rx="4" fill="{i}" opacity=".75"/>'
    ),
    "watering": (
        '<path d="M62 82q0-30 34-30t34 30" fill="none" stroke="{d}" stroke-width="7"/>'
        '<path d="M126 120l36-44 8 6-34 58z" fill="{m}"/>'
        '<path d="M154 66l24 20-6 6-24-20z" fill="{d}"/>'
        '<path d="M58 82h72l8 70a8 8 0 0 1-8 8H58a8 8 0 0 1-8-8z" fill="{m}"/>'
        '<path d="M56 100h76l1 10H55z" fill="{l}"/><circle cx="94" cy="132" r="9" fill="{a}"/>'
    ),
    "bird": (
        '<path d="M52 102q4-46 50-46 30 0 34 26l18 8-18 8q-4 44-46 44-20 0-30-10l-28 12z" fill="{m}"/>'
        '<path d="M74 104q30-18 46 6-10 26-36 22-12-8-10-28z" fill="{d}"/>'
        '<path d="M136 82l20 8-20 8z" fill="{a}"/><circle cx="120" cy="80" r="4.5" fill="{i}"/>'
        '<path d="M88 142v18M104 142v18" stroke="{i}" stroke-width="4" stroke-linecap="round"/>'
    ),
    "rabbit": (
        '<ellipse cx="82" cy="64" rx="12" ry="32" fill="{m}"/><ellipse cx="118" cy="64" rx="12" ry="32" '
        'fill="{m}"/><ellipse cx="82" cy="66" rx="6" ry="22" fill="{l}"/>'
        '<ellipse cx="118" cy="66" rx="6" ry="22" fill="{l}"/>'
        '<circle cx="100" cy="118" r="42" fill="{m}"/><circle cx="84" cy="112" r="5" fill="{i}"/>'
        '<circle cx="116" cy="112" r="5" fill="{i}"/><ellipse cx="100" cy="128" rx="6" ry="4" fill="{a}"/>'
        '<path d="M100 132v8q-6 6-12 2M100 140q6 6 12 2" fill="none" stroke="{i}" stroke-width="3" '
        'stroke-linecap="round"/>'
    ),
    "butterfly": (
        '<path d="M100 100C84 52 44 54 44 82s30 32 56 18z" fill="{m}"/>'
        '<path d="M100 100c16-48 56-46 56-18s-30 32-56 18z" fill="{m}"/>'
        '<path d="M100 102c-34-4-44 16-36 34s30 8 36-34zM100 102c34-4 44 16 36 34s-30 8-36-34z" '
        'fill="{d}"/><circle cx="68" cy="82" r="8" fill="{l}"/><circle cx="132" cy="82" r="8" fill="{l}"/>'
        '<path d="M100 84v58" stroke="{i}" stroke-width="7" stroke-linecap="round"/>'
        '<path d="M98 82q-4-18-16-20M102 82q4-18 16-20" fill="none" stroke="{i}" stroke-width="3" '
        'stroke-linecap="round"/>'
    ),
    "flower": (
        '<path d="M100 108v54" stroke="{d}" stroke-width="6" stroke-linecap="round"/>'
        '<path d="M100 146q26-2 30-24-26-2-30 24z" fill="{d}"/><g fill="{m}">'
        '<circle cx="100" cy="58" r="19"/><circle cx="128" cy="78" r="19"/><circle cx="117" cy="111" r="19"/>'
        '<circle cx="83" cy="111" r="19"/><circle cx="72" cy="78" r="19"/></g>'
        '<circle cx="100" cy="87" r="19" fill="{a}"/><circle cx="100" cy="87" r="9" fill="{l}"/>'
    ),
    "heart": (
        '<path d="M100 34v26" stroke="{i}" stroke-width="3"/>'
        '<path d="M100 158C42 118 44 66 76 62c15-2 24 14 24 14s9-16 24-14c32 4 34 56-24 96z" fill="{m}"/>'
        '<path d="M64 92q2-14 14-16" fill="none" stroke="{l}" stroke-width="6" stroke-linecap="round"/>'
        '<path d="M84 58q16-8 16 4 0-12 16-4-4 10-16 4-12 6-16-4z" fill="{a}"/>'
    ),
    "card": (
        '<rect x="44" y="66" width="112" height="80" rx="6" fill="{m}"/>'
        '<path d="M44 72a6 6 0 0 1 6-6h100a6 6 0 0 1 6 6l-56 46z" fill="{l}"/>'
        '<path d="M44 142l42-38M156 142l-42-38" stroke="{d}" stroke-width="3"/>'
        '<circle cx="100" cy="112" r="12" fill="{a}"/>'
        '<path d="M100 118c-8-5-7-12-3-12 2 0 3 2 3 2s1-2 3-2c4 0 5 7-3 12z" fill="{l}"/>'
    ),
    "book": (
        '<path d="M62 46h72a8 8 0 0 1 8 8v92a8 8 0 0 1-8 8H62z" fill="{m}"/>'
        '<path d="M62 46h-2a10 10 0 0 0-10 10v94a10 10 0 0 1 10-10h2z" fill="{d}"/>'
        '<path d="M50 150a10 10 0 0 0 10 10h76v-6H60z" fill="{l}"/>'
        '<rect x="80" y="66" width="44" height="28" rx="3" fill="{l}"/>'
        '<path d="M88 76h28M88 84h18" stroke="{d}" stroke-width="3"/>'
        '<path d="M118 46v42l-8-7-8 7V46z" fill="{a}" transform="translate(16 62)"/>'
    ),
    "pencil": (
        '<g transform="rotate(35 100 100)"><rect x="66" y="52" width="20" height="84" fill="{m}"/>'
        '<path d="M66 136h20l-10 24z" fill="#f3dcb5"/><path d="M72.5 151h7L76 160z" fill="{i}"/>'
        '<rect x="66" y="40" width="20" height="14" rx="4" fill="{a}"/>'
        '<rect x="112" y="52" width="20" height="84" fill="{d}"/>'
        '<path d="M112 136h20l-10 24z" fill="#f3dcb5"/><path d="M118.5 151h7l-3.5 9z" fill="{i}"/>'
        '<rect x="112" y="40" width="20" height="14" rx="4" fill="{l}"/></g>'
    ),
    "gift": (
        '<rect x="54" y="92" width="92" height="68" rx="5" fill="{m}"/>'
        '<rect x="46" y="74" width="108" height="24" rx="5" fill="{d}"/>'
        '<rect x="91" y="74" width="18" height="86" fill="{a}"/>'
        '<path d="M100 74C78 74 64 60 72 48s26 6 28 26zM100 74c22 0 36-14 28-26s-26 6-28 26z" '
        'fill="none" stroke="{a}" stroke-width="8"/>'
    ),
    "necklace": (
        '<path d="M52 48q4 78 48 84 44-6 48-84" fill="none" stroke="{d}" stroke-width="4" '
        'stroke-dasharray="1 8" stroke-linecap="round"/>'
        '<path d="M52 48q4 78 48 84 44-6 48-84" fill="none" stroke="{a}" stroke-width="2"/>'
        '<path d="M78 120h44l14 16-36 34-36-34z" fill="{m}" transform="translate(0 -6)"/>'
        '<path d="M64 130h72l-36 34z" fill="{d}" opacity=".5"/>'
        '<path d="M84 114l-4 16 20 34 20-34-4-16z" fill="{l}" opacity=".8"/>'
    ),
    "earrings": (
        '<path d="M64 62a10 10 0 1 1 14 8v12M136 62a10 10 0 1 0-14 8v12" fill="none" stroke="{a}" '
        'stroke-width="4" stroke-linecap="round"/>'
        '<path d="M78 82c20 26 22 36 16 48a18 18 0 0 1-32 0c-6-12-4-22 16-48z" fill="{m}"/>'
        '<path d="M122 82c20 26 22 36 16 48a18 18 0 0 1-32 0c-6-12-4-22 16-48z" fill="{m}"/>'
        '<path d="M70 116q2-8 6-14M114 116q2-8 6-14" fill="none" stroke="{l}" stroke-width="5" '
        'stroke-linecap="round"/>'
    ),
    "bracelet": (
        '<ellipse cx="100" cy="102" rx="54" ry="42" fill="none" stroke="{d}" stroke-width="5"/><g fill="{m}">'
        '<circle cx="46" cy="102" r="11"/><circle cx="62" cy="70" r="11"/><circle cx="138" cy="70" r="11"/>'
        '<circle cx="154" cy="102" r="11"/><circle cx="62" cy="134" r="11"/><circle cx="138" cy="134" r="11"/>'
        '</g><g fill="{a}"><circle cx="100" cy="60" r="12"/><circle cx="100" cy="144" r="12"/></g>'
        '<g fill="{l}"><circle cx="97" cy="57" r="4"/><circle cx="59" cy="67" r="3"/>'
        '<circle cx="135" cy="67" r="3"/><circle cx="43" cy="99" r="3"/></g>'
    ),
    "gem": (
        '<path d="M66 62h68l26 34-60 66-60-66z" fill="{m}"/><path d="M40 96h120l-60 66z" fill="{d}" '
        'opacity=".55"/><path d="M80 62l-8 34 28 66 28-66-8-34z" fill="{l}" opacity=".75"/>'
        '<path d="M150 44v16M142 52h16M54 40v12M48 46h12" stroke="{a}" stroke-width="4" '
        'stroke-linecap="round"/>'
    ),
    "teddy": (
        '<circle cx="70" cy="66" r="17" fill="{d}"/><circle cx="130" cy="66" r="17" fill="{d}"/>'
        '<circle cx="70" cy="66" r="8" fill="{l}"/><circle cx="130" cy="66" r="8" fill="{l}"/>'
        '<circle cx="100" cy="104" r="50" fill="{m}"/><ellipse cx="100" cy="122" rx="24" ry="19" fill="{l}"/>'
        '<circle cx="82" cy="96" r="5.5" fill="{i}"/><circle cx="118" cy="96" r="5.5" fill="{i}"/>'
        '<ellipse cx="100" cy="114" rx="8" ry="6" fill="{i}"/><path d="M100 120v6q-7 7-13 2M100 126q7 7 13 2" '
        'fill="none" stroke="{i}" stroke-width="3" stroke-linecap="round"/>'
    ),
    "rocket": (
        '<path d="M100 32q34 34 22 92H78q-12-58 22-92z" fill="{m}"/>'
        '<path d="M78 100l-22 34 24-8zM122 100l22 34-24-8z" fill="{d}"/>'
        '<circle cx="100" cy="82" r="14" fill="{l}"/><circle cx="100" cy="82" r="8" fill="{i}" opacity=".7"/>'
        '<path d="M86 128h28q2 20-14 36-16-16-14-36z" fill="{a}"/>'
    ),
    "doll": (
        '<path d="M100 38c28 0 36 24 32 42 22 24 22 80-32 80s-54-56-32-80c-4-18 4-42 32-42z" fill="{m}"/>'
        '<circle cx="100" cy="74" r="22" fill="#f7dfc8"/><path d="M78 70q4-20 22-20t22 20q-12-8-22-8t-22 8z" '
        'fill="{i}"/><circle cx="92" cy="76" r="2.5" fill="{i}"/><circle cx="108" cy="76" r="2.5" fill="{i}"/>'
        '<path d="M95 84q5 4 10 0" fill="none" stroke="{i}" stroke-width="2"/>'
        '<path d="M68 108q32 18 64 0 12 40-32 44-44-4-32-44z" fill="{l}"/>'
        '<circle cx="100" cy="130" r="10" fill="{a}"/>'
    ),
    "bunting": (
        '<path d="M30 62q70 34 140 0" fill="none" stroke="{i}" stroke-width="3"/>'
        '<path d="M40 66l32 9-20 42z" fill="{m}"/><path d="M76 76l34 3-20 44z" fill="{a}"/>'
        '<path d="M114 79l32-6-10 44z" fill="{d}"/>'
        '<path d="M30 112q70 30 140 0" fill="none" stroke="{i}" stroke-width="3" opacity=".5"/>'
        '<path d="M52 119l28 6-16 32z" fill="{l}"/><path d="M86 126l30 0-14 34z" fill="{m}"/>'
        '<path d="M122 125l28-6-10 36z" fill="{a}"/>'
    ),
    "balloon": (
        '<path d="M80 118q8 20 18 44M124 106q-10 26-24 56" fill="none" stroke="{i}" stroke-width="2"/>'
        '<path d="M76 42c22 0 34 18 32 38-2 22-18 36-30 38-14-2-32-16-34-38-2-20 10-38 32-38z" fill="{m}"/>'
        '<path d="M128 48c18 0 28 14 26 30-2 18-14 28-26 30-10-2-22-12-24-30-2-16 6-30 24-30z" fill="{a}"/>'
        '<path d="M58 68q4-12 14-14" fill="none" stroke="{l}" stroke-width="5" stroke-linecap="round"/>'
    ),
    "box": (
        '<path d="M48 84h104v66a10 10 0 0 1-10 10H58a10 10 0 0 1-10-10z" fill="{m}"/>'
        '<rect x="42" y="62" width="116" height="28" rx="7" fill="{d}"/>'
        '<rect x="76" y="106" width="48" height="28" rx="5" fill="{l}"/>'
        '<path d="M86 116h28M86 124h18" stroke="{d}" stroke-width="3"/>'
        '<circle cx="100" cy="76" r="6" fill="{a}"/>'
    ),
    "drawers": (
        '<rect x="50" y="46" width="100" height="108" rx="8" fill="{m}"/><g fill="{l}">'
        '<rect x="60" y="56" width="80" height="26" rx="4"/><rect x="60" y="88" width="80" height="26" rx="4"/>'
        '<rect x="60" y="120" width="80" height="26" rx="4"/></g><g fill="{a}"><circle cx="100" cy="69" r="5"/>'
        '<circle cx="100" cy="101" r="5"/><circle cx="100" cy="133" r="5"/></g>'
        '<path d="M60 154v10M140 154v10" stroke="{d}" stroke-width="8" stroke-linecap="round"/>'
    ),
    "hook": (
        '<rect x="40" y="58" width="120" height="26" rx="8" fill="{m}"/><g fill="none" stroke="{d}" '
        'stroke-width="7" stroke-linecap="round"><path d="M68 84v34a13 13 0 0 0 26 0M116 84v34a13 13 0 0 0 '
        '26 0"/></g><circle cx="68" cy="71" r="5" fill="{a}"/><circle cx="100" cy="71" r="5" fill="{l}"/>'
        '<circle cx="132" cy="71" r="5" fill="{a}"/><circle cx="94" cy="118" r="6" fill="{a}"/>'
        '<circle cx="142" cy="118" r="6" fill="{a}"/>'
    ),
    "basket": (
        '<path d="M58 96q0-50 42-50t42 50" fill="none" stroke="{d}" stroke-width="8"/>'
        '<path d="M46 92h108l-12 62a8 8 0 0 1-8 6H66a8 8 0 0 1-8-6z" fill="{m}"/>'
        '<path d="M50 112h100M54 130h92M57 146h86M76 96l6 62M100 96v62M124 96l-6 62" stroke="{d}" '
        'stroke-width="3" opacity=".6"/><rect x="42" y="86" width="116" height="14" rx="7" fill="{l}"/>'
    ),
    "clock": (
        '<circle cx="72" cy="52" r="15" fill="{d}"/><circle cx="128" cy="52" r="15" fill="{d}"/>'
        '<path d="M68 146l-12 16M132 146l12 16" stroke="{d}" stroke-width="8" stroke-linecap="round"/>'
        '<circle cx="100" cy="106" r="52" fill="{m}"/><circle cx="100" cy="106" r="39" fill="#fffaf0"/>'
        '<path d="M100 106V80M100 106l18 10" stroke="{i}" stroke-width="5" stroke-linecap="round"/>'
        '<circle cx="100" cy="106" r="5" fill="{a}"/>'
        '<path d="M100 71v5M100 136v5M65 106h5M130 106h5" stroke="{i}" stroke-width="3"/>'
    ),
    "sign": (
        '<path d="M70 76l30-34 30 34" fill="none" stroke="{i}" stroke-width="3"/>'
        '<circle cx="100" cy="42" r="5" fill="{i}"/><rect x="40" y="76" width="120" height="66" rx="8" '
        'fill="{m}"/><rect x="48" y="84" width="104" height="50" rx="5" fill="none" stroke="{l}" '
        'stroke-width="3"/><path d="M66 102h68M80 118h40" stroke="{l}" stroke-width="6" '
        'stroke-linecap="round"/>'
    ),
    "magnet": (
        '<rect x="46" y="44" width="108" height="116" rx="12" fill="{l}"/>'
        '<path d="M46 92h108" stroke="{d}" stroke-width="3"/><path d="M60 62v18M60 106v26" stroke="{d}" '
        'stroke-width="6" stroke-linecap="round"/><circle cx="104" cy="68" r="11" fill="{m}"/>'
        '<rect x="118" y="104" width="20" height="20" rx="4" fill="{a}"/>'
        '<path d="M92 142c-12-8-10-18-4-18 3 0 4 3 4 3s1-3 4-3c6 0 8 10-4 18z" fill="{m}"/>'
    ),
    "cushion": (
        '<path d="M48 56q52 12 104 0-12 48 0 96-52-12-104 0 12-48 0-96z" fill="{m}"/>'
        '<path d="M66 72q34 6 68 0-6 32 0 64-34-6-68 0 6-32 0-64z" fill="none" stroke="{l}" '
        'stroke-width="4" stroke-dasharray="6 5"/>'
        '<path d="M100 124c-22-14-19-34-7-34 6 0 7 6 7 6s1-6 7-6c12 0 15 20-7 34z" fill="{a}"/>'
    ),
    "mat": (
        '<rect x="34" y="72" width="132" height="68" rx="5" fill="{m}"/>'
        '<rect x="44" y="82" width="112" height="48" rx="3" fill="none" stroke="{l}" stroke-width="4"/>'
        '<path d="M100 122c-18-12-16-28-6-28 5 0 6 5 6 5s1-5 6-5c10 0 12 16-6 28z" fill="{a}"/>'
        '<path d="M64 106h14M122 106h14" stroke="{l}" stroke-width="5" stroke-linecap="round"/>'
        '<path d="M34 76h-8M34 90h-8M34 106h-8M34 122h-8M34 136h-8M166 76h8M166 90h8M166 106h8M166 122h8'
        'M166 136h8" stroke="{d}" stroke-width="4"/>'
    ),
    "frame": (
        '<path d="M100 34L76 56h48z" fill="none" stroke="{i}" stroke-width="3"/>'
        '<rect x="50" y="54" width="100" height="106" rx="6" fill="{m}"/>'
        '<rect x="64" y="68" width="72" height="78" fill="#fffaf0"/>'
        '<path d="M64 146v-18l22-26 18 20 12-12 20 24v12z" fill="{l}"/>'
        '<circle cx="116" cy="90" r="9" fill="{a}"/>'
        '<rect x="64" y="68" width="72" height="78" fill="none" stroke="{d}" stroke-width="3"/>'
    ),
    "mirror": (
        '<ellipse cx="100" cy="88" rx="46" ry="54" fill="{m}"/><ellipse cx="100" cy="88" rx="34" ry="42" '
        'fill="#eaf3f4"/><path d="M84 106l26-44M96 112l16-28" stroke="#fff" stroke-width="6" '
        'stroke-linecap="round"/><circle cx="100" cy="34" r="9" fill="{a}"/>'
        '<path d="M86 140h28l10 22H76z" fill="{d}"/>'
    ),
    "vase": (
        '<path d="M98 84C92 62 78 58 78 58M102 84c0-30 10-40 10-40M104 84q14-22 26-20" fill="none" '
        'stroke="{d}" stroke-width="4" stroke-linecap="round"/><circle cx="76" cy="54" r="13" fill="{a}"/>'
        '<circle cx="113" cy="40" r="13" fill="{l}"/><circle cx="134" cy="62" r="11" fill="{a}"/>'
        '<circle cx="76" cy="54" r="5" fill="{l}"/><circle cx="113" cy="40" r="5" fill="{a}"/>'
        '<path d="M82 84h36q-2 14 10 26 14 14 6 34-4 16-20 16H86q-16 0-20-16-8-20 6-34 12-12 10-26z" '
        'fill="{m}"/><path d="M66 124q34 14 68 0l2 10q-36 14-72 0z" fill="{l}" opacity=".8"/>'
    ),
}
