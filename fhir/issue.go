package fhir

// Severity is how bad an issue is. ref: FHIR R4 valueset-issue-severity
type Severity string

// The severities.
const (
	Fatal       Severity = "fatal"
	Failure     Severity = "error"
	Warning     Severity = "warning"
	Information Severity = "information"
)

// IssueCode is the type of an issue. ref: FHIR R4 valueset-issue-type
type IssueCode string

// The types of issues that a server of searches meets.
const (
	CodeInvalid      IssueCode = "invalid"
	CodeStructure    IssueCode = "structure"
	CodeRequired     IssueCode = "required"
	CodeValue        IssueCode = "value"
	CodeNotSupported IssueCode = "not-supported"
	CodeNotFound     IssueCode = "not-found"
	CodeDeleted      IssueCode = "deleted"
	CodeTooLong      IssueCode = "too-long"
	CodeTooCostly    IssueCode = "too-costly"
	CodeExpired      IssueCode = "expired"
	CodeLogin        IssueCode = "login"
	CodeForbidden    IssueCode = "forbidden"
	CodeSuppressed   IssueCode = "suppressed"
	CodeThrottled    IssueCode = "throttled"
	CodeTransient    IssueCode = "transient"
	CodeTimeout      IssueCode = "timeout"
	CodeConflict     IssueCode = "conflict"
	CodeProcessing   IssueCode = "processing"
	CodeException    IssueCode = "exception"
	CodeInformation  IssueCode = "informational"
)

// Status is the status of HTTP under which an issue of this type travels, unless the
// [Error] says another. ref: RASS §7.1
func (c IssueCode) Status() int {
	switch c {
	case CodeLogin:
		return 401
	case CodeForbidden, CodeSuppressed:
		return 403
	case CodeNotFound:
		return 404
	case CodeDeleted, CodeExpired:
		return 410
	case CodeConflict:
		return 409
	case CodeThrottled:
		return 429
	case CodeTransient:
		return 503
	case CodeTimeout:
		return 504
	case CodeException:
		return 500
	}
	return 400
}

// Issue is one line of an OperationOutcome.
type Issue struct {
	Severity    Severity // error when not said
	Code        IssueCode
	Diagnostics string // a French sentence that says what to change
	Param       string // the parameter at fault, one of the table, or empty
}

// Error is a refusal that a client can act on.
type Error struct {
	Issue
	HTTP int // 0 for that of the code
}

// Error is the sentence shown to people.
func (e *Error) Error() string {
	if e.Param != "" {
		return "fhir: " + e.Param + " : " + e.Diagnostics
	}
	return "fhir: " + e.Diagnostics
}

// Status is the status of HTTP of the answer.
func (e *Error) Status() int {
	if e.HTTP != 0 {
		return e.HTTP
	}
	return e.Code.Status()
}

func refuse(code IssueCode, param, diagnostics string) *Error {
	return &Error{Issue: Issue{Severity: Failure, Code: code, Param: param, Diagnostics: diagnostics}}
}
