package charger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// The systems that keep records, as Trace.Systeme says them. ref: RASS §6.5
const (
	systemeRPPS   = "RPPS"
	systemeFINESS = "FINESS"
	systemeMSS    = "MSS"
	systemeIGC    = "IGC"
	systemeReseau = "RESEAU" // ours, for the networks
)

// ficheST is a structure being made: as it becomes and as it stood.
type ficheST struct {
	n, o   annuaire.Structure
	existe bool
}

// structure makes the records of one structure of its pieces.
func (w *ouvrier) structure(id string, l []morceau) error {
	f := &w.st
	f.n = annuaire.Structure{Entete: annuaire.Entete{Provenances: f.n.Provenances[:0]}, Membres: f.n.Membres[:0], BAL: f.n.BAL[:0], Certificats: f.n.Certificats[:0]}
	f.existe = false
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Structures, id); ok {
			w.vues(annuaire.Structures, r)
			w.vue.Structure(r, &f.o)
			f.existe = true
			copierStructure(&f.n, &f.o)
		}
	}
	f.n.ID = id
	attendu, err := w.composer(f, l)
	if err != nil || f.n.Trace.Systeme == "" {
		return err
	}
	w.situer(f)
	if attendu != nil {
		w.attendre(f, attendu)
		return nil
	}
	return w.rendreStructure(&f.n, f)
}

func (w *ouvrier) rendreStructure(n *annuaire.Structure, f *ficheST) error {
	var vieux annuaire.Changement
	if f.existe {
		vieux.Structure = &f.o
	}
	return w.rendre(w, &annuaire.Changement{Structure: n}, &vieux)
}

// vues marks a record as one that the feeds spoke of.
func (a *atelier) vues(n annuaire.Nature, r image.Ref) { a.vus[n].marquer(r) }

// composer sets all that the pieces say. What stands and that no piece says is kept
// when its feed is not there, and emptied when its feed is there whole. It returns the
// members who are persons, to be waited for.
func (w *ouvrier) composer(f *ficheST, l []morceau) (attendus []adhesionAttendue, err error) {
	n := &f.n
	w.taireStructure(n)
	pa := choisirActivite(w, l)
	base := w.dire(f, l, pa)
	for _, retraits := range [...]bool{true, false} { // what is taken away as it was, then said as it is
		for i := range l {
			if m := &l[i]; (m.op == byte(rass.Retrait)) == retraits {
				if attendus, err = w.ajouter(f, m, &base, attendus); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := w.rendreDependances(n.ID, n.Trace.Systeme != ""); err != nil {
		return nil, err
	}
	if n.Trace.Systeme == "" {
		w.orphelines(l)
	}
	w.rangerStructure(f)
	return attendus, nil
}

// ajouter adds to a structure what another file says of it.
func (w *ouvrier) ajouter(f *ficheST, m *morceau, base *bool, attendus []adhesionAttendue) ([]adhesionAttendue, error) {
	n := &f.n
	switch m.quoi {
	case sBAL:
		w.balStructure(n, m, *base || f.existe)
		*base = *base || n.Trace.Systeme != ""
	case sCertificat:
		w.ch = couper(w.ch[:0], m.texte(w.texte))
		n.Certificats = w.certificat(n.Certificats, annuaire.Structures, n.ID, w.ch[1:], m.op)
	case sMembre:
		attendus = w.membre(n, m, attendus)
	case sSoin, sEquipement, sFicheActivite, sFicheEquipement:
		return attendus, w.dependre(m, n.ID)
	}
	return attendus, nil
}

// taireStructure empties what a whole feed says alone.
func (a *atelier) taireStructure(n *annuaire.Structure) {
	if a.portees[rass.MSSante] == Entier {
		n.BAL = n.BAL[:0]
	}
	if a.portees[rass.Certificats] == Entier {
		n.Certificats = n.Certificats[:0]
	}
	if a.portees[rass.Membres] == Entier {
		n.Membres = n.Membres[:0]
	}
}

// choisirActivite is the piece of Personne_activite that says what a structure is: when
// its lines differ, the longest, and the first of these.
func choisirActivite(w *ouvrier, l []morceau) (m *morceau) {
	n := 0
	for i := range l {
		if l[i].quoi == sActivite {
			if n++; m == nil || l[i].longueur > m.longueur {
				m = &l[i]
			}
		}
	}
	if n > 1 {
		w.compte.fiche(annuaire.DDoublon, annuaire.Structures, cleDe(m.texte(w.texte)), "", "écritures", "")
	}
	return m
}

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
	switch {
	case dit && f.existe:
		w.garderLieu(f)
	case f.existe && (retiree || w.couverte(n)):
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

// garderLieu keeps what an owner's request gave and that no feed has said since.
func (w *ouvrier) garderLieu(f *ficheST) {
	n, o := &f.n, &f.o
	if tenu(&o.Entete, annuaire.Lieu, n.Trace.MajLe) {
		n.RaisonSociale, n.Enseigne, n.Adresse = o.RaisonSociale, o.Enseigne, o.Adresse
	}
	if tenu(&o.Entete, annuaire.Localisation, n.Trace.MajLe) {
		n.Latitude, n.Longitude, n.Situee = o.Latitude, o.Longitude, o.Situee
	}
}

// rangerStructure puts lists in an order of their own, and says where they come from.
func (w *ouvrier) rangerStructure(f *ficheST) {
	n := &f.n
	if f.existe && tenu(&f.o.Entete, annuaire.Messagerie, 0) {
		n.BAL = append(n.BAL[:0], f.o.BAL...)
	}
	rangerBAL(n.BAL)
	slices.SortFunc(n.Certificats, parSerie)
	slices.SortFunc(n.Membres, parMembre)
	w.provenir(&n.Entete, annuaire.Messagerie, systemeMSS, len(n.BAL) > 0 && n.Trace.Systeme != systemeMSS)
	w.provenir(&n.Entete, annuaire.Cartes, systemeIGC, len(n.Certificats) > 0)
	w.provenir(&n.Entete, annuaire.Localisation, systemeFINESS, n.Situee && n.Trace.Systeme != systemeFINESS)
}

func rangerBAL(l []annuaire.BAL) {
	slices.SortFunc(l, func(x, y annuaire.BAL) int {
		return cmp.Or(cmp.Compare(x.Rang, y.Rang), strings.Compare(string(x.Type), string(y.Type)), strings.Compare(x.Adresse, y.Adresse))
	})
}

func parSerie(x, y annuaire.Certificat) int {
	return cmp.Or(strings.Compare(x.Serie, y.Serie), strings.Compare(x.Emetteur, y.Emetteur))
}

func parMembre(x, y annuaire.Adhesion) int {
	return cmp.Or(cmp.Compare(x.Nature, y.Nature), strings.Compare(x.ID, y.ID), strings.Compare(x.Role.Code, y.Role.Code), cmp.Compare(x.Du, y.Du))
}

// situer tells the register where the structure is; those who work there are made
// again when the run does not speak of all of them.
func (w *ouvrier) situer(f *ficheST) {
	l := lieuDe(&f.n)
	w.reg.situer(f.n.ID, l)
	if f.existe && w.vue != nil && w.portees[rass.PersonneActivite] != Entier && !w.tout(annuaire.Situations) && l != lieuDe(&f.o) {
		w.toucherOccupants(f.n.ID)
	}
}

func lieuDe(s *annuaire.Structure) annuaire.LieuExercice {
	return annuaire.LieuExercice{CodeCommune: s.Adresse.Commune.Code, Commune: s.Adresse.Commune.Libelle, CodePostal: s.Adresse.CodePostal}
}

// toucherOccupants puts those who work in a structure among what is to be made again.
func (w *ouvrier) toucherOccupants(id string) {
	var s annuaire.Situation
	var p annuaire.Praticien
	for r := range w.parReference(annuaire.Situations, annuaire.ParStructure, id) {
		w.vue.Situation(r, &s)
		if rp, ok := w.vue.ParID(annuaire.Praticiens, s.Praticien); ok && s.Actif && s.Structure == id {
			w.vue.Praticien(rp, &p)
			cle := p.IDNat
			if w.fiches != nil {
				cle = p.ID
			}
			w.toucher.poser(hacher(cle), pToucher, 0, []byte(cle))
		}
	}
}

func copierStructure(d, s *annuaire.Structure) {
	p, m, b, c := d.Provenances, d.Membres, d.BAL, d.Certificats
	*d = *s
	d.Provenances, d.Membres = append(p[:0], s.Provenances...), append(m[:0], s.Membres...)
	d.BAL, d.Certificats = append(b[:0], s.BAL...), append(c[:0], s.Certificats...)
}
