package fhir

import (
	"cmp"
	"errors"
)

// AppendOutcome appends an OperationOutcome in JSON. ref: FHIR R4 operationoutcome
func AppendOutcome(dst []byte, issues ...Issue) []byte {
	w := Writer{B: dst}
	o := w.Object("")
	w.String("resourceType", "OperationOutcome")
	a := w.Array("issue")
	for i := range issues {
		x := &issues[i]
		m := w.Object("")
		w.String("severity", string(cmp.Or(x.Severity, Failure)))
		w.String("code", string(x.Code))
		w.String("diagnostics", x.Diagnostics)
		if x.Param != "" {
			l := w.Array("location") // ref: FHIR R4 operationoutcome issue.location
			w.Item("http." + x.Param)
			w.End(l)
		}
		w.End(m)
	}
	w.End(a)
	w.End(o)
	return w.B
}

// Outcome is the status and the issue of an error: those of an [*Error], or an internal
// error that tells nothing of its cause.
func Outcome(err error) (int, Issue) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status(), e.Issue
	}
	return 500, Issue{Severity: Fatal, Code: CodeException, Diagnostics: "erreur interne : réessayer, puis donner l'heure et le numéro de la demande à l'exploitant"}
}
