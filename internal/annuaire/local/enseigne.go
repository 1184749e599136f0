package local

// nommer gives the names of a structure: that of its holder for a cabinet, of a place that
// is nowhere for the others, so that none is taken for a real one.
func (n *National) nommer(p *page, x *structure) {
	a := n.graine.pour(dStructure, x.j, 40+x.etat.nom)
	lieu := n.lieuDit(p, x, &a)
	holder := func() []byte { return n.nomDe(p, n.titulaire(x)) }
	t := func(s string) []byte { return []byte(s) }
	switch x.s.cle {
	case "cabinet":
		n.nommerCabinet(p, x, &a)
	case "groupe":
		x.raison = p.joint(t(choisir(&a, "CABINET MEDICAL ", "SCM ", "GROUPE MEDICAL ", "CABINET DE GROUPE ")), p.contracter(lieu))
	case "sel":
		x.raison = p.joint(t(choisir(&a, "SELARL ", "SELAS ", "SELARL DR ")), holder())
	case "magasin":
		x.raison = p.joint(t(choisir(&a, "OPTIQUE ", "VISION ", "AUDITION ", "LUNETTERIE ")), p.contracter(lieu))
	case "officine":
		if a.sous(100) < 45 {
			x.raison = p.joint(t("PHARMACIE "), holder())
		} else {
			x.raison, x.enseigne = p.joint(t("PHARMACIE "), p.contracter(lieu)), p.joint(t("PHARMACIE "), p.contracter(lieu))
		}
	case "hopital":
		x.raison = p.joint(t("CENTRE HOSPITALIER "), p.contracter(lieu))
		if !x.ej && x.s.premierSite(x.s.ej(x.k)) != x.k {
			x.enseigne, x.raison = x.raison, p.joint(t(choisir(&a, "HOPITAL ", "SITE ", "CENTRE DE SOINS ")), p.contracter(lieu))
		}
	case "clinique":
		x.raison = p.joint(t(choisir(&a, "CLINIQUE ", "POLYCLINIQUE ", "HOPITAL PRIVE ")), p.contracter(lieu))
	case "espic":
		x.raison = p.joint(t(choisir(&a, "FONDATION ", "INSTITUT ", "HOPITAL ")), p.contracter(lieu))
	case "ehpad":
		x.raison = p.joint(t(choisir(&a, "EHPAD ", "EHPAD RESIDENCE ", "RESIDENCE ", "MAISON DE RETRAITE ")), lieu)
	case "social":
		x.raison = p.joint(t(choisir(&a, "IME ", "SESSAD ", "FOYER DE VIE ", "MAS ", "FAM ", "CMPP ", "ITEP ")), lieu)
	case "ssiad":
		x.raison = p.joint(t("SSIAD "), p.contracter(lieu))
	case "centre":
		x.raison = p.joint(t(choisir(&a, "CENTRE DE SANTE ", "CENTRE DENTAIRE ", "CENTRE DE SOINS INFIRMIERS ")), p.contracter(lieu))
	case "maison":
		x.raison = p.joint(t(choisir(&a, "MAISON DE SANTE PLURIPROFESSIONNELLE ", "MSP ", "POLE DE SANTE ")), p.contracter(lieu))
	case "dialyse":
		x.raison = p.joint(t("CENTRE DE DIALYSE "), p.contracter(lieu))
	case "had":
		x.raison = p.joint(t("HAD "), p.contracter(lieu))
	case "labo":
		x.raison = p.joint(t(choisir(&a, "LABORATOIRE ", "LBM ", "BIOLAB ")), p.contracter(lieu))
	default:
		x.raison = p.joint(t("SERVICE DE SANTE AU TRAVAIL "), p.contracter(lieu))
	}
	if x.ej {
		n.nommerEJ(p, x, lieu, &a)
	}
}

// nommerEJ gives the name of a legal entity, where it differs from that of its sites.
func (n *National) nommerEJ(p *page, x *structure, lieu []byte, a *alea) {
	switch x.s.cle {
	case "ehpad", "social", "ssiad", "centre", "dialyse", "had":
		x.raison = p.joint([]byte(choisir(a, "ASSOCIATION ", "FONDATION ", "MUTUELLE ", "CCAS ")), p.contracter(lieu))
	case "clinique", "labo":
		x.raison = p.joint([]byte(choisir(a, "SAS ", "SA ", "SELAS ")), x.raison)
	case "officine":
		x.raison = p.joint([]byte(choisir(a, "SELARL ", "SNC ", "EURL ")), x.raison)
	}
	x.enseigne = nil
}

// cabinets are the names of cabinets by profession.
var cabinets = map[string]string{
	"60": "CABINET INFIRMIER ", "70": "CABINET DE KINESITHERAPIE ", "50": "CABINET DE SAGE-FEMME ", "80": "CABINET DE PEDICURIE-PODOLOGIE ",
	"91": "CABINET D'ORTHOPHONIE ", "92": "CABINET D'ORTHOPTIE ", "93": "CABINET DE PSYCHOLOGIE ", "71": "CABINET D'OSTEOPATHIE ",
	"94": "CABINET D'ERGOTHERAPIE ", "95": "CABINET DE DIETETIQUE ", "96": "CABINET DE PSYCHOMOTRICITE ", "40": "CABINET DENTAIRE DR ",
}

// nommerCabinet gives the name of the one who works there.
func (n *National) nommerCabinet(p *page, x *structure, a *alea) {
	i := n.titulaire(x)
	debut := "CABINET DU DR "
	if prof := n.professionDe(i); !prof.docteur || string(prof.code) == "40" {
		if debut = cabinets[string(prof.code)]; debut == "" {
			debut = "CABINET "
		}
	}
	nom := n.nomDe(p, i)
	if a.sous(100) < 60 {
		nom = p.joint(nom, []byte(" "), n.prenomDe(i))
	}
	x.raison = p.joint([]byte(debut), nom)
}

func choisir(a *alea, l ...string) string { return l[a.sous(len(l))] }

// lieuDit is the place that a structure is named after; those of one legal entity share
// theirs, when it is a hospital.
func (n *National) lieuDit(p *page, x *structure, a *alea) []byte {
	g := *a
	if x.s.cle == "hopital" {
		e := x.k
		if !x.ej {
			e = x.s.ej(x.k)
		}
		if x.ej || x.s.premierSite(e) == x.k {
			g = n.graine.pour(dStructure, x.s.premiereEJ+e, 39)
		}
	}
	switch r := g.sous(100); {
	case r < 45 || x.s.places == 0 && r < 75:
		return n.t.lieuxDits[g.sous(len(n.t.lieuxDits))]
	case r < 80:
		return p.joint(octetsDe(choisir(&g, "LE CLOS ", "LE PARC ", "LE DOMAINE ", "LA VILLA ", "LE PRÉ ", "LE MOULIN ")), n.noms.nom(40+g.sous(n.noms.len()-40)))
	default:
		return p.joint(n.hommes.noms[g.sous(120)], []byte(" "), n.noms.nom(600+g.sous(n.noms.len()-600)))
	}
}

func octetsDe(s string) []byte { return []byte(s) }
