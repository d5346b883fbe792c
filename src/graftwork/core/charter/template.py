"""The charter that `graftwork pilot new` writes: to be filled in by somebody who has never written one."""

import json

# What begins so is still to be written, and no charter with it is accepted.
OPEN = "TODO"

_TEXT = """\
# Charter of a pilot: what problem it is about, what success is, against what it is measured, what it may cost.
# Fill in every TODO and every line that says REQUIRED (take the # away). Everything else has a value that does for a
# start. Then:   graftwork pilot check @NAME@    and    graftwork pilot start @NAME@
# With the start it is fixed. docs/reference/charter.md explains every key.

name = "@NAME@"
title = @TITLE@
use_case = "@USE_CASE@"

# What goes wrong today, for whom, and what it costs them. Two or three sentences that a stranger understands.
problem = "TODO the business problem"
pain_point = "TODO whose pain it is, and what it costs them today"

# When a return is to be measured, in months from now. Six to twelve is what experience says.
measurable_return_months = 9

# What may go wrong, and what is done about it. One text each.
risks = [
  "TODO what may go wrong: what is done about it",
]

# Who decides go, extend or stop: one person or role, not a committee.
[owner]
name = "TODO"
department = "TODO"

# Who runs models and updates, now and after the pilot.
[llm_operations]
name = "TODO"
department = "TODO"

# The team: part is business, it, compliance, end_users or other. One [[team]] each. Somebody from the department of
# those who decide on the drafts belongs in it.
[[team]]
part = "business"
name = "TODO"
department = "TODO"

[[team]]
part = "it"
name = "TODO"
department = "TODO"

[[team]]
part = "compliance"
name = "TODO"
department = "TODO"

[[team]]
part = "end_users"
name = "TODO"
department = "TODO"

[population]
description = "TODO which items take part, in words"
# Share of the units that take part: 1.0 is all of them. It can be enlarged later, and nobody changes arms then.
share = 1.0
# Where those people work who decide on the items.
reviewers_department = "TODO"
# Only items with certain values of one input field:
# only = { field = "language", values = ["en"] }

[arms]
# What is drawn: item, thread, customer or reviewer. Take `thread` where one matter has several items, `customer` (with
# customer_field, an input field) where one customer writes often. `reviewer` needs many reviewers.
unit = "item"
# customer_field = "customer"
# Share of the units that get drafts. Half and half finds an effect soonest.
assisted = 0.5
# `randomised`; or `before_after` where nobody can go without drafts. That is weaker: whatever else changed meanwhile
# looks like an effect.
design = "randomised"

# The one metric that decides. handling_time (s), throughput (items/h), escalations (share),
# first_contact_resolution (share), reopen_rate (share), csat (points), quality (points), or outcome_KIND of your own.
[primary]
metric = "handling_time"
# The smallest improvement worth having, and the one hoped for, in the metric's unit (seconds; for a share 0.02 is two
# points in a hundred).
# minimum_effect = 30    # REQUIRED
# target = 60
# Values above this count as this one. Say it now or not at all: 1800 keeps an item left open over lunch from deciding.
winsorise_above = 1800
# What is known of an item before anybody touches it: none, characters (of its text), baseline or field:NAME. A good
# one makes the answer come sooner.
covariate = "characters"

# What must not get worse, and by how much it may. Two or three of these.
[[guards]]
metric = "reopen_rate"
margin = 0.02

[[guards]]
metric = "escalations"
margin = 0.03

# An outcome of your own, told over REST or imported; its metric is outcome_KIND.
# [[outcomes]]
# kind = "recommends"
# title = "Recommends us"
# unit = "points"
# better = "higher"

[plan]
# The start computes how many units it takes, from what stands here. To plan another number:
# units = 2000
# starts_on = 2027-01-11
weeks = 8
# Units (items, threads, ...) that come in each week, all of them; items where reviewers are drawn.
# units_per_week = 200    # REQUIRED
# People who decide on them.
reviewers = 1
# What the primary metric is today, in its unit, and how much it differs between items (its standard deviation; for a
# time a good guess is 0.8 times the mean; a share needs none).
# control_mean = 300    # REQUIRED
# standard_deviation = 240
# For unit thread, customer or reviewer: items that one has, and how alike they are (0 not at all; 0.05 is common).
items_per_unit = 1
intraclass_correlation = 0.0

[analysis]
confidence = 0.95
power = 0.8
# Units after which the interval for daily looking is tightest: about as many as you plan.
tightest_at_units = 5000

# How later events become metrics: days without another contact that count as solved, days within which a reopening
# counts.
[rules]
first_contact_days = 7
reopen_days = 14

# Kinds of items, to see for which of them help pays:
# [item_types]
# field = "topic"
# values = ["orders", "returns"]

# Drafts with a statement known to be wrong, to see whether they are noticed. They are never delivered. Tell people.
# [seeds]
# share = 0.01
# statements = ["Our shop is closed on Wednesdays."]

# The budget, line by line: build, running, governance, training, licences or other.
# [[budget]]
# title = "set-up and connection"
# kind = "build"
# amount = 20000
# [[budget]]
# title = "security and governance"
# kind = "governance"
# amount = 12000
# [[budget]]
# title = "training and change management"
# kind = "training"
# amount = 9000

[money]
currency = "EUR"
# Full cost of an hour of work, and the share of saved time that becomes money: low, likely, high.
wage_per_hour = { low = 30, likely = 38, high = 46 }
realisation = { low = 0.4, likely = 0.6, high = 0.8 }
# items_per_month = { low = 700, likely = 900, high = 1100 }
months_to_full_use = 6
machine_hours_per_month = 0
cost_per_machine_hour = 0
# Share of all cost that governance and security take, and of one-off cost that training and change take.
governance_share = 0.3
change_share = 0.2
# A year, and the months that the net present value looks at.
discount_rate = 0.08
horizon_months = 36
# A claim of its own: shown apart and never added in.
revenue_uplift_per_month = 0

# Go only where it pays back within so many months, with at least this probability.
[decide]
payback_months = 12
payback_probability = 0.6
extend_weeks = 4
extensions = 1

[change]
# Share of those invited who are to use it each week.
weekly_target = 0.8
# Training modules (their codes) that people complete before they review:
# required_modules = ["basics"]
# So many unused drafts in a row suggest a pause.
unused_drafts = 30
"""


def template(name: str, title: str, use_case: str) -> str:
    """The text of NAME.toml. `check` refuses it until what is TODO or REQUIRED is filled in."""
    shown = json.dumps(title, ensure_ascii=False).replace("\x7f", "\\u007F")
    return _TEXT.replace("@NAME@", name).replace("@USE_CASE@", use_case).replace("@TITLE@", shown)
