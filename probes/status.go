package probes

// Level says how binding a requirement is, as in RFC 2119.
type Level string

// The three levels. Only a Must decides the outcome.
const (
	Must   Level = "must"
	Should Level = "should"
	May    Level = "may"
)

// Profile is the use that asks for a requirement. The empty profile means every use.
type Profile string

// The profiles of the built-in guide.
const (
	All     Profile = ""
	Billing Profile = "billing"
	Alerts  Profile = "alerts"
)

// ProfileNamed is the profile that a guide writes so: "all" and nothing mean every use.
func ProfileNamed(name string) Profile {
	if name == "all" {
		return All
	}
	return Profile(name)
}

// Name is the profile as people read it.
func (p Profile) Name() string {
	if p == All {
		return "all"
	}
	return string(p)
}

// Status is what became of one requirement in one run.
type Status string

// The statuses. Judge may say pass, fail, not-applicable and unknown; only the runner says the other three.
const (
	Passed        Status = "pass"
	Failed        Status = "fail"
	NotApplicable Status = "not-applicable"
	Blocked       Status = "blocked" // an earlier requirement has to hold first
	Unknown       Status = "unknown" // asked, and from here nobody can tell
	Broken        Status = "broken"  // halocheck's own fault
	Skipped       Status = "skipped" // the user said so
)

// Verdict is a judgement of one answer.
type Verdict struct {
	Status  Status
	Cause   Cause
	Because string // what was seen, with the value; a full sentence without the final stop is fine
	// Remedy goes before the requirement's own: its Remedy on a fail, its FindOut on an unknown.
	Remedy *Remedy
}

// Fail says that the requirement was seen not to hold.
func Fail(cause Cause, because string) Verdict {
	return Verdict{Status: Failed, Cause: cause, Because: because}
}

// CannotTell says that the answer does not settle the question; because says what was seen. What would settle it is the
// requirement's FindOut, or the remedy given by With: how to find out, never how to mend.
func CannotTell(cause Cause, because string) Verdict {
	return Verdict{Status: Unknown, Cause: cause, Because: because}
}

// DoesNotApply says that the requirement asks nothing of this instance.
func DoesNotApply(because string) Verdict {
	return Verdict{Status: NotApplicable, Because: because}
}

// With returns v with its own remedy: how to mend it on a fail, how to find out on an unknown.
func (v Verdict) With(r Remedy) Verdict {
	v.Remedy = &r
	return v
}
