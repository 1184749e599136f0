package charger

import (
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// dire sets what makes the structure, and tells whether something does.
func (w *ouvrier) dire(f *ficheST, l []morceau, pa *morceau) (dit bool) {
	n := &f.n
	retiree := false
	for i := range l {
		switch m := &l[i]; m.quoi {
		case sFINESS, sReseau:
			if m.op == byte(rass.Retrait) {
				retiree = true
				continue
			}
			if dit {
				w.compte.fiche(annuaire.DDoublon, annuaire.Structures, n.ID, n.Trace.Autorite.Code, "ligne de structure", "")
			}
			w.ch = couper(w.ch[:0], m.texte(w.texte))
			if m.quoi == sFINESS {
				w.direFINESS(n, w.ch[1:])
			} else {
				w.direReseau(n, w.ch[1:])
			}
			dit = true
		case sFicheStructure:
			if k, err := image.Decoder([]byte(m.texte(w.texte)[len(n.ID)+1:])); err == nil && k.Structure != nil {
				w.direFiche(f, k.Structure)
				dit = true
			}
		}
	}
	if pa != nil {
		if !dit && n.Trace.Systeme == systemeFINESS && w.couverte(n) { // professionals alone still know it
			entete, membres, bal, certificats := n.Entete, n.Membres, n.BAL, n.Certificats
			*n = annuaire.Structure{Entete: entete, Membres: membres, BAL: bal, Certificats: certificats}
			n.Trace, n.Du, n.Au = annuaire.Trace{Systeme: systemeRPPS}, 0, 0
		}
		w.ch = couper(w.ch[:0], pa.texte(w.texte))
		w.direActivite(n, w.ch[1:], dit || f.existe && n.Trace.Systeme != systemeRPPS && n.Trace.Systeme != systemeMSS)
		dit = true
	}
	if !dit && f.existe && (retiree || w.couverte(n)) {
		w.finir(&n.Entete)
	}
	return dit
}

// couverte tells whether the feeds of the run, in which it is not, say all of the
// structures of its kind.
func (w *ouvrier) couverte(n *annuaire.Structure) bool {
	if w.fiches != nil {
		return w.tout(annuaire.Structures) && slices.Contains(w.fiches.Systemes, n.Trace.Systeme)
	}
	switch n.Trace.Systeme {
	case systemeFINESS:
		return w.portees[rass.Structures] == Entier
	case systemeRPPS:
		return w.portees[rass.PersonneActivite] == Entier
	case systemeReseau:
		return w.portees[rass.Reseaux] == Entier
	case systemeMSS:
		return w.portees[rass.MSSante] == Entier && len(n.BAL) == 0
	}
	return false
}

// direFINESS sets the columns of the file of structures.
func (w *ouvrier) direFINESS(n *annuaire.Structure, x []string) {
	entete, membres, bal, certificats := n.Entete, n.Membres, n.BAL, n.Certificats
	*n = annuaire.Structure{Entete: entete, Membres: membres, BAL: bal, Certificats: certificats,
		IDTechnique: x[rass.STIDTechnique], IDNat: x[rass.STIDNat], FINESS: x[rass.STFINESS], FINESSJuridique: x[rass.STFINESSJuridique],
		SIRET: x[rass.STSIRET], SIREN: x[rass.STSIREN], AncienID: x[rass.STAncienID],
		RaisonSociale: x[rass.STRaisonSociale], Enseigne: x[rass.STEnseigne], RPPSRang: n.RPPSRang,
		Sorte: annuaire.SiteGeographique, Categorie: code(x, int(rass.STCodeCategorie)), StatutJuridique: code(x, int(rass.STCodeStatut)),
		Secteur: code(x, int(rass.STCodeSecteur)), SPH: code(x, int(rass.STCodeSPH)), Licence: x[rass.STLicence],
		TypeFermeture: code(x, int(rass.STCodeFermeture)), Adresse: adresse(x[rass.STDestinataire:])}
	if estJuridique(x[rass.STNature]) {
		n.Sorte = annuaire.EntiteJuridique
	}
	if len(n.IDNat) > 1 && n.IDNat[0] == '4' { // ref: RASS §3.2
		n.RPPSRang = n.IDNat[1:]
	}
	n.Trace.Systeme = systemeFINESS
	w.direLieuEtDates(n, x[rass.STLatitude:], x[rass.STAutorite], x[rass.STMaj])
	w.direJuridique(n)
}

// direLieuEtDates sets the columns that structures and networks have alike, from the
// latitude: latitude, longitude, opening, closing.
func (w *ouvrier) direLieuEtDates(n *annuaire.Structure, x []string, autorite, maj string) {
	n.Latitude, n.Longitude, n.Situee = 0, 0, false
	if x[0] != "" || x[1] != "" {
		la, ok1 := coordonnee(x[0])
		lo, ok2 := coordonnee(x[1])
		if ok1 && ok2 && la <= 90_000_000 && la >= -90_000_000 {
			n.Latitude, n.Longitude, n.Situee = la, lo, true
		} else {
			w.compte.fiche(annuaire.DCoordonnees, annuaire.Structures, n.ID, autorite, "coordonnees", x[0]+" "+x[1])
		}
	}
	n.Du = w.jourDe(annuaire.Structures, n.ID, "ouverture", x[2])
	n.Au = w.jourDe(annuaire.Structures, n.ID, "fermeture", x[3])
	n.Trace.MajLe = w.jourDe(annuaire.Structures, n.ID, "maj", maj)
	n.Trace.Autorite = annuaire.Code{Code: autorite}
	n.Actif = n.Au == 0 || n.Au >= w.jour
}

// direJuridique links a site to its legal entity, when there is one.
func (w *ouvrier) direJuridique(n *annuaire.Structure) {
	n.Juridique = ""
	if n.Sorte != annuaire.SiteGeographique || n.FINESSJuridique == "" {
		return
	}
	id := IDStructure("F" + n.FINESSJuridique)
	if w.existe(id) {
		n.Juridique = id
	}
}

// existe tells whether a structure is in the feeds or stands.
func (a *atelier) existe(id string) bool {
	if a.reg.connait(id) {
		return true
	}
	if a.vue == nil {
		return false
	}
	_, ok := a.vue.ParID(annuaire.Structures, id)
	return ok
}

// direReseau sets the columns of the file of networks.
func (w *ouvrier) direReseau(n *annuaire.Structure, x []string) {
	n.IDNat, n.RaisonSociale, n.Sorte = x[rass.REIdentifiant], x[rass.RENom], annuaire.ReseauDeSante
	n.Categorie = code(x, int(rass.RECodeType))
	n.FINESSJuridique, n.SIREN = x[rass.REFINESSJuridique], x[rass.RESIREN]
	n.Adresse = adresse(x[rass.REDestinataire:])
	n.Trace.Systeme = systemeReseau
	w.direLieuEtDates(n, x[rass.RELatitude:], x[rass.REAutorite], x[rass.REMaj])
}

// direActivite sets what the lines of professionals say of where they work: alone when
// nobody else speaks of the structure, else to fill what is empty.
func (w *ouvrier) direActivite(n *annuaire.Structure, x []string, seulementVides bool) {
	sup := annuaire.Structure{SIRET: x[0], SIREN: x[1], FINESS: x[2], FINESSJuridique: x[3], IDTechnique: x[4],
		RaisonSociale: x[5], Enseigne: x[6], Adresse: adresse(x[7:]), AncienID: x[27], Secteur: code(x, 28)}
	if !seulementVides {
		n.SIRET, n.SIREN, n.FINESS, n.FINESSJuridique, n.IDTechnique = sup.SIRET, sup.SIREN, sup.FINESS, sup.FINESSJuridique, sup.IDTechnique
		n.RaisonSociale, n.Enseigne, n.Adresse, n.AncienID, n.Secteur = sup.RaisonSociale, sup.Enseigne, sup.Adresse, sup.AncienID, sup.Secteur
		n.Sorte, n.Trace.Systeme = annuaire.SiteGeographique, systemeRPPS
		w.raviver(&n.Entete)
		w.direJuridique(n)
		return
	}
	for _, c := range [...][2]*string{{&n.SIRET, &sup.SIRET}, {&n.SIREN, &sup.SIREN}, {&n.FINESSJuridique, &sup.FINESSJuridique},
		{&n.IDTechnique, &sup.IDTechnique}, {&n.RaisonSociale, &sup.RaisonSociale}, {&n.Enseigne, &sup.Enseigne}, {&n.AncienID, &sup.AncienID},
		{&n.Adresse.Telephone, &sup.Adresse.Telephone}, {&n.Adresse.Telephone2, &sup.Adresse.Telephone2},
		{&n.Adresse.Telecopie, &sup.Adresse.Telecopie}, {&n.Adresse.Courriel, &sup.Adresse.Courriel}} {
		if *c[0] == "" {
			*c[0] = *c[1]
		}
	}
	if n.Secteur.IsZero() {
		n.Secteur = sup.Secteur
	}
}

// direFiche takes a whole record.
func (w *ouvrier) direFiche(f *ficheST, k *annuaire.Structure) {
	if !k.Actif && (f.existe || k.RaisonSociale+k.IDNat+k.FINESS+k.FINESSJuridique+k.SIRET == "") {
		if f.existe { // one that has ended says little: what it was is kept
			w.finir(&f.n.Entete)
		}
		return
	}
	id, prov := f.n.ID, f.n.Provenances
	copierStructure(&f.n, k)
	f.n.ID = id
	f.n.Provenances = append(prov[:0], k.Provenances...)
	if f.existe {
		for _, p := range f.o.Provenances {
			if p.Demande != "" {
				f.n.Provenances = append(f.n.Provenances, p)
			}
		}
	}
}
