"""Reads HCPCS releases and compares neighbours, field by field, with pandas.

    compare.py fwf|slices ZIP MEMBER [ZIP MEMBER ...]

MEMBER is the main file, a fixed-width text, in its ZIP; releases are given in
their order. One line of JSON goes to standard output: for each release how many
records it holds, and for each pair of neighbours in how many fields the codes
that both hold differ. README.md says how this was kept fair.
"""

import io
import json
import re
import sys
import zipfile

import pandas as pd

# Columns of the record layout: 0-based, end exclusive. Repeated values are one
# field, as wide as all of them.
FIELDS = {
    "long_description": (11, 91),
    "short_description": (91, 119),
    "pricing_indicators": (119, 127),
    "multiple_pricing_indicator": (127, 128),
    "coverage_issues_manual_refs": (128, 146),
    "medicare_carriers_manual_refs": (146, 170),
    "statute": (170, 180),
    "lab_certifications": (180, 204),
    "cross_references": (204, 229),
    "coverage_code": (229, 230),
    "asc_payment_group": (230, 232),
    "asc_payment_group_date": (232, 240),
    "mog_payment_group": (240, 243),
    "mog_payment_policy": (243, 244),
    "mog_effective_date": (244, 252),
    "processing_note": (252, 256),
    "betos": (256, 259),
    "types_of_service": (260, 265),
    "anesthesia_base_units": (265, 268),
    "code_added_date": (268, 276),
    "termination_date": (284, 292),
}
DATES = [name for name in FIELDS if name.endswith("_date")]
RECORD = re.compile(r"(?:[A-Z]\d{4}|   [A-Z0-9]{2})\d{5}[3478]")


def read_lines(archive, member):
    """The lines that are records or continue one, without the disclaimer."""
    with zipfile.ZipFile(archive) as packed:
        text = packed.read(member).decode("cp1252")
    return [line for line in text.split("\r\n") if RECORD.match(line)]


def read_fwf(lines):
    """As the manual of pandas has it: read_fwf, and groupby to stitch."""
    records = pd.read_fwf(
        io.StringIO("\n".join(lines)),
        colspecs=[(0, 5), (10, 11), *FIELDS.values()],
        names=["code", "type", *FIELDS],
        dtype=str,
        keep_default_na=False,
    )
    whole = records.groupby("code", sort=False)["long_description"].agg(" ".join)
    records = records[records["type"].isin(["3", "7"])].set_index("code").drop(columns="type")
    records["long_description"] = whole
    return records


def read_slices(lines):
    """The fastest way that was found: slices in plain Python, a frame of them."""
    descriptions = {}
    for line in lines:
        code, part = line[:5], line[11:91].strip()
        descriptions[code] = descriptions[code] + " " + part if code in descriptions else part
    first = [line for line in lines if line[10] in "37"]
    codes = [line[:5] for line in first]
    values = {name: [line[begin:end].strip() for line in first] for name, (begin, end) in FIELDS.items()}
    values["long_description"] = [descriptions[code] for code in codes]
    return pd.DataFrame(values, index=pd.Index(codes, name="code"))


def clean(records):
    """White space made one, what is no date and no units made blank."""
    records["long_description"] = records["long_description"].str.replace(r"\s+", " ", regex=True)
    for name in DATES:
        records[name] = records[name].where(records[name].str.fullmatch(r"\d{8}"), "")
    records["anesthesia_base_units"] = records["anesthesia_base_units"].str.lstrip("0")
    return records


def compare(before, after):
    """One row a field that differs: code, field, old and new value."""
    both = before.index.intersection(after.index)
    old, new = before.loc[both], after.loc[both]
    found = []
    for name in FIELDS:
        differs = old[name].to_numpy() != new[name].to_numpy()
        found.append(pd.DataFrame({"code": both[differs], "field": name, "old": old[name][differs].to_numpy(), "new": new[name][differs].to_numpy()}))
    return pd.concat(found, ignore_index=True)


READERS = {"fwf": read_fwf, "slices": read_slices}


def main(reader, *arguments):
    result = {"records": [], "differences": []}
    before = None
    for archive, member in zip(arguments[::2], arguments[1::2]):
        after = clean(READERS[reader](read_lines(archive, member)))
        result["records"].append(len(after))
        if before is not None:
            result["differences"].append(len(compare(before, after)))
        before = after
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
