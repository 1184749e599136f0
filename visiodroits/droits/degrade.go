package droits

import "github.com/ecluse-sante/ecluse/sante"

// CauseDegrade is where the exchange stopped. ref: VISIO §8.1, §8.3
type CauseDegrade string

// Causes.
const (
	CausePS  CauseDegrade = "PS"  // the workstation of the professional is off line
	CauseOCT CauseDegrade = "OCT" // its concentrator does not answer
	CauseOTP CauseDegrade = "OTP" // the operator of the AMC does not answer
	CauseAMC CauseDegrade = "AMC" // the AMC does not answer, and its service is open
)

// Codes is the closed list of causes.
func (CauseDegrade) Codes() []string { return []string{"PS", "OCT", "OTP", "AMC"} }

// causes by the code that was met. 200, a service that the AMC does not offer, is
// not among them: it never opens the degraded mode. ref: VISIO §14
var causes = map[string]CauseDegrade{"201": CauseAMC, "202": CauseOTP, "203": CauseOCT, "204": CausePS}

// CauseDe is the cause of the degraded mode for a return code, and false when the
// code does not open it.
func CauseDe(code string) (CauseDegrade, bool) {
	c, ok := causes[code]
	return c, ok
}

// Anterieurs are the digital rights of an earlier billing, as far as the rule of
// the degraded mode asks.
type Anterieurs struct {
	DroitsFin sante.Jour
	Revoquee  bool // the accreditation is in the list of revoked ones
}

// Anterieurs are the rights of this accreditation for the rule of the degraded mode,
// at a day of billing. The list of its issuer may be old, or nil: what it does not
// say cannot be asked, since nobody answers.
func (s Accreditee) Anterieurs(l *LAR, facturation sante.Jour) *Anterieurs {
	if s.IsZero() {
		return nil
	}
	motif, err := l.Revoquee(s.a.Numero, facturation)
	return &Anterieurs{DroitsFin: s.a.DroitsFin, Revoquee: err == nil && motif != ""}
}

// ReutilisationPermise says whether earlier rights, nil when there are none, may
// serve again at a day of billing when the exchange does not answer; tolerance is
// the X of their AMC in the list of services. Days are whole days of Paris, the
// inequality is strict. The accreditation keeps its number, and its guarantee; the
// mode does not exist for on-line pricing. ref: VISIO §8.3
func ReutilisationPermise(p *Anterieurs, facturation sante.Jour, tolerance int) Decision {
	switch {
	case p == nil || p.DroitsFin.IsZero():
		return decider(SansDroits)
	case p.Revoquee:
		return decider(Revoquee)
	case p.DroitsFin >= facturation:
		return decider(DroitsOuverts)
	case int64(facturation)-int64(p.DroitsFin) < int64(tolerance):
		return decider(DansTolerance)
	}
	return decider(HorsTolerance)
}
