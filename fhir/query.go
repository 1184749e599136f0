package fhir

import (
	"math"
	"time"
)

// Prefix is how a date compares. ref: FHIR R4 search §3.1.1.4.6
type Prefix uint8

// The prefixes; no prefix is Eq.
const (
	Eq Prefix = iota
	Ne
	Gt
	Lt
	Ge
	Le
	Sa
	Eb
	Ap
)

// Value is one of the values of a parameter: any of them will do.
type Value struct {
	// Text is a string or an address, unescaped; the code of a token; the id of a
	// reference.
	Text string
	// System is that of a token, when HasSystem; or the address of the server of a
	// reference that is not this one's.
	System    string
	HasSystem bool   // "system|code", or "|code" for a code without system
	Type      string // resource of a reference, when said; code of the type of an identifier, for :of-type
	Prefix    Prefix // of a date
	// Lower and Upper bound the interval that a date names, the second excluded, in
	// milliseconds since 1970.
	Lower, Upper int64
	// Latitude and Longitude are in millionths of a degree and Radius in metres, for
	// [KindNear].
	Latitude, Longitude, Radius int32
}

// Range is the interval of instants, the second excluded, that a date accepts; or, when
// outside, the one that it refuses.
func (v *Value) Range() (from, to int64, outside bool) {
	switch v.Prefix {
	case Ne:
		return v.Lower, v.Upper, true
	case Gt, Sa:
		return v.Upper, math.MaxInt64, false
	case Ge:
		return v.Lower, math.MaxInt64, false
	case Lt, Eb:
		return math.MinInt64, v.Lower, false
	case Le:
		return math.MinInt64, v.Upper, false
	}
	return v.Lower, v.Upper, false
}

// Hop is a reference that a criterion follows: from the resource to its target by
// Param; or, in Reverse, from the target back to the resources of Type that refer to it
// by Param (_has).
type Hop struct {
	Param   *Param
	Type    *Type // the resource arrived at
	Reverse bool
}

// Criterion is one parameter of a search. All the criteria of a [Query] must hold.
type Criterion struct {
	Path     []Hop // empty for a parameter of the resource itself
	Type     *Type // the resource that has Param
	Param    *Param
	Modifier Modifiers // one, or 0
	Absent   bool      // of Missing: the field is absent (true) or present (false)
	Values   []Value
}

// Include is one _include or _revinclude.
type Include struct {
	Source  *Type  // that has Param; nil for *
	Param   *Param // nil for all the references of Source
	Target  string // only this resource, when said
	Iterate bool
	Reverse bool
}

// Sort is one order of _sort.
type Sort struct {
	Param      *Param
	Descending bool
}

// Total says whether a count is wanted. ref: FHIR R4 search §3.1.1.5.3
type Total uint8

// The counts.
const (
	TotalUnsaid Total = iota
	TotalNone
	TotalEstimate
	TotalAccurate
)

// Summary says how much of each resource is wanted. ref: FHIR R4 search §3.1.1.5.5
type Summary uint8

// The summaries.
const (
	SummaryFalse Summary = iota
	SummaryTrue
	SummaryText
	SummaryData
	SummaryCount
)

// Query is a search, read. It may be read into again, which keeps its memory.
type Query struct {
	Type     *Type
	Criteria []Criterion
	Includes []Include
	Sort     []Sort
	Count    int // -1 when not said; 0 is a count alone
	Total    Total
	Summary  Summary
	Elements []string // top-level elements of _elements
	Format   string   // of _format
	Ignored  []Issue  // what was left out, when lenient

	hops    []Hop
	values  []Value
	lenient bool
	now     time.Time
	once    uint8
}

// Input is the text of a search.
type Input struct {
	Query   string // of the address, without its question mark
	Form    string // of the body of a POST
	Lenient bool   // unknown parameters are ignored and told, instead of refused
	Now     time.Time
}

func (q *Query) reset(t *Type, in Input) {
	*q = Query{Type: t, Criteria: q.Criteria[:0], Includes: q.Includes[:0], Sort: q.Sort[:0], Count: -1,
		Elements: q.Elements[:0], Ignored: q.Ignored[:0], hops: q.hops[:0], values: q.values[:0], lenient: in.Lenient, now: in.Now}
}
