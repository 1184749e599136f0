package vigie

import "time"

// Parametres are the guessing rules, as data. A zero field takes the value of
// Defauts.
type Parametres struct {
	// DebitParMinute is the most requests served to one sealer in a minute.
	DebitParMinute int
	// DroitsParMinute is the same for rights asked outside the hospital, by a
	// professional or from one address. ref: VISIO §9.3
	DroitsParMinute int
	// RelaisParMinute is the most questions without a seal served to one relay in a
	// minute, all the callers that it names together.
	RelaisParMinute int
	// Fenetre is the period on which suspicious identifications are counted, and
	// for which a sealer is stopped. ref: ROC §7.3 rule 5
	Fenetre time.Duration
	// SuspectesMin is the count of identifications from which the share matters.
	SuspectesMin int
	// RelaisSuspectesMin is the same for all that one relay names.
	RelaisSuspectesMin int
	// SuspectesPourCent is the share of I101 to I103 above which it is suspicious.
	SuspectesPourCent int
	// EssaisAdherent is the count of failed attempts on one adherent, in
	// FenetreEssais: by one sealer, which stops it alone, and by all together,
	// which stops all. ref: DEC 23
	EssaisAdherent int
	FenetreEssais  time.Duration
	// Pas is the count of requests not yet shared with the other nodes from which
	// they are: n nodes let through at most n × Pas more than the limit.
	Pas int
	// Memoire bounds the sealers kept in memory, and the adherents; the least
	// recently seen are forgotten first.
	Memoire int
}

// Defauts are the rules when the configuration says nothing.
// hyp: VIGIE-SEUILS only the 20 %, the 15 minutes and the 50 requests are in a
// digest; the others are ours.
func Defauts() Parametres {
	return Parametres{
		DebitParMinute:     6000,
		DroitsParMinute:    60,
		RelaisParMinute:    36_000,
		Fenetre:            15 * time.Minute,
		SuspectesMin:       50,
		RelaisSuspectesMin: 1000,
		SuspectesPourCent:  20,
		EssaisAdherent:     10,
		FenetreEssais:      time.Hour,
		Pas:                20,
		Memoire:            200_000,
	}
}

// avecDefauts completes p; a negative value is brought back to the default too.
func (p Parametres) avecDefauts() Parametres {
	d := Defauts()
	for _, c := range []struct{ champ, defaut *int }{
		{&p.DebitParMinute, &d.DebitParMinute}, {&p.DroitsParMinute, &d.DroitsParMinute},
		{&p.RelaisParMinute, &d.RelaisParMinute}, {&p.SuspectesMin, &d.SuspectesMin}, {&p.RelaisSuspectesMin, &d.RelaisSuspectesMin},
		{&p.SuspectesPourCent, &d.SuspectesPourCent}, {&p.EssaisAdherent, &d.EssaisAdherent},
		{&p.Pas, &d.Pas}, {&p.Memoire, &d.Memoire},
	} {
		if *c.champ <= 0 {
			*c.champ = *c.defaut
		}
	}
	if p.Fenetre <= 0 {
		p.Fenetre = d.Fenetre
	}
	if p.FenetreEssais <= 0 {
		p.FenetreEssais = d.FenetreEssais
	}
	return p
}

// partEmetteur is how many of the attempts of one sealer on one adherent the count
// of all takes: four fifths of the cap, so that the last ones come from others.
func (p Parametres) partEmetteur() int { return max(p.EssaisAdherent*4/5, 1) }

// suspectesMin is the count of identifications from which the share of a name matters.
func (p Parametres) suspectesMin(k cle) int {
	if _, v := separer(k.sujet); v == relayees {
		return max(p.RelaisSuspectesMin, p.SuspectesMin)
	}
	return p.SuspectesMin
}
