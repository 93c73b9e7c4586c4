# English: the text that counts. Every message that code names is here, with its variables, and no other (src/text/mod.rs).

# What a check of a profile found.
algorithm-sha256 = each entry has a SHA-256, as the format demands
authorisation-outside = taken from { $start } to { $end }, and the order could be acted on from { $from } to { $until }
authorisation-within = taken while the order could be acted on
bytes-hold = every digest recomputes: the bytes are those that were sealed
bytes-refuted = the bytes are not all those that were sealed; see the verification
bytes-unknown = the bundle could not be verified in full
categories-fit = all items are { $only }
categories-free = the power { $power } permits all categories
categories-other = { $paths } is { $category }, and only { $only } is permitted
completeness-listed = what is missing is listed and signed: { $unreadable } entries not opened, { $gaps } regions not read, { $changed } changed meanwhile
confidentiality-free = confidentiality is not required
confidentiality-unknown = required; no event would tell that somebody was notified
copy-equal = the source's digest by another tool is that of an entry: { $digest }
copy-other = no entry has the source's digest by another tool, { $digest }
copy-reason = copy and source cannot have the same digest: { $reason }
custody-holds = { $count } events, and the log holds
custody-none = nothing was recorded since it was sealed
custody-refuted = the custody log does not hold; see the verification
custody-unknown = the custody log could not be checked in full
exculpatory-notice = something speaks for the person concerned; whether notice was given no event tells
exculpatory-said = the case says: { $said }
field-missing = { $field } is missing in the case
field-present = { $field } is there
force-binds = { $why }
force-none = the treaty: { $why }; and no other legal basis is named
force-other = the treaty: { $why }; the legal basis is { $basis }
no-case = there is no signed case that can be read
no-check = no field of a bundle tells
no-power = the case does not say by which power it was taken
no-request = not taken for a request of another State
no-statement = there is no statement that can be read
onward-none = no event tells that it was passed on
onward-unknown = passed on ({ $event }); no event tells of an authorisation
other-power = taken by another power: { $power }
personal-data-none = no personal data in it, the case says
request-not-given = only the request and its replies tell
sensitive-encrypted = encrypted: { $payload }
sensitive-none = nothing is marked as material that few may see
sensitive-plain = { $paths } is marked as material that few may see, and the payload is not encrypted
signature-by-key = signed by the keys that you named
signature-by-list = signed by keys that the trust list gives as good at { $at }
signature-nobody-trusted = you named nobody whom you trust
signature-not-trusted = not signed by enough of those whom you trust
signature-refuted = refuted; see the verification
territory-basis = taken in { $state }; legal basis: { $basis }
territory-foreign = taken in { $state } by an authority of { $home }, and no legal basis is named
territory-home = taken in { $state }, the State of the authority
territory-own = taken in the State of the authority
threshold-missed = punishable by { $months } months at most, and a serious crime by 48 or more
threshold-other = the basis is { $basis }, which has no threshold
threshold-reached = punishable by { $months } months
time-by-clock = the clock was compared ({ $offset } ms off); no time-stamp was judged
time-unproven = times are those of the sealing system's clock; no time-stamp was judged
tools-recorded = { $tool }; { $qualification }
transmission-other = asked for by the Regulation of the European Union only, which is not the legal basis
transmission-unknown = no event tells how it went outside of the official channel
use-free = no limits of use are stated
use-outside = { $event } tells of the case { $case }, which is neither stated nor consented to
use-within = no event tells of another use

# `scelle check`
check-heading = Profile { $profile }, version { $version } ({ $title }), on { $date }
check-not-advice = This says what a bundle shows of the rules' requirements. It is no legal advice; what a court makes of it is for the court.
check-passed = checks passed under profile { $profile } version { $version } on { $date }: no rule that demands is known not to be met
check-failed = { $count } rules that demand are not met under profile { $profile } version { $version } on { $date }
check-lowered = The treaty: { $why }. Every rule is one level lower, and another legal basis is asked for.
check-untold = { $count } rules cannot be told from a bundle and its case
check-capped = A rule whose wording is only recalled never demands: it is "should" at most.
rules-heading = Rules of profile { $profile }, version { $version } ({ $title }), read as of { $date }

# `scelle treaty status`
treaty-status = { $force } as of { $date }
treaty-in-force = in force
treaty-not-in-force = not in force
treaty-between = between { $a } and { $b } on { $date }: { $force } ({ $why })
