package ldap

// Entree is an entry of an answer, laid in one piece of memory that is reused: its
// name, then the values of its attributes, those of one attribute together.
type Entree struct {
	nom     []byte
	octets  []byte
	valeurs []valeur
	pli     []byte    // where a value is folded to be compared
	besoin  selection // what the search gives or tests: the rest is not worth writing
}

type valeur struct {
	attr       Attribut
	debut, fin uint32
}

// Vider forgets everything but the memory.
func (e *Entree) Vider() {
	e.nom, e.octets, e.valeurs = e.nom[:0], e.octets[:0], e.valeurs[:0]
}

// Nommer puts an RDN before the name of the parent, its value escaped.
func (e *Entree) Nommer(a Attribut, v, parent string) {
	e.nom = append(append(e.nom[:0], definitions[a].nom...), '=')
	e.nom = ecrireValeur(e.nom, v)
	e.sous(parent)
}

// NommerDouble is Nommer with an RDN of two attributes.
func (e *Entree) NommerDouble(a Attribut, v string, b Attribut, w, parent string) {
	e.nom = append(append(e.nom[:0], definitions[a].nom...), '=')
	e.nom = ecrireValeur(e.nom, v)
	e.nom = append(append(append(e.nom, '+'), definitions[b].nom...), '=')
	e.nom = ecrireValeur(e.nom, w)
	e.sous(parent)
}

func (e *Entree) sous(parent string) {
	if parent != "" {
		e.nom = append(append(e.nom, ','), parent...)
	}
}

// Ajouter gives a value to an attribute; an empty one is not said. The values of an
// attribute are given one after the other.
func (e *Entree) Ajouter(a Attribut, v string) {
	if v == "" || !e.besoin.a(a) {
		return
	}
	d := len(e.octets)
	e.octets = append(e.octets, v...)
	e.valeurs = append(e.valeurs, valeur{a, uint32(d), uint32(len(e.octets))})
}

// AjouterOctets is Ajouter for bytes.
func (e *Entree) AjouterOctets(a Attribut, v []byte) {
	if len(v) == 0 || !e.besoin.a(a) {
		return
	}
	d := len(e.octets)
	e.octets = append(e.octets, v...)
	e.valeurs = append(e.valeurs, valeur{a, uint32(d), uint32(len(e.octets))})
}

// AjouterSi gives a value that this attribute does not have yet.
//
// There are few values in an entry: they are compared one by one.
func (e *Entree) AjouterSi(a Attribut, v string) {
	for i := range e.valeurs {
		if e.valeurs[i].attr == a && string(e.valeur(i)) == v {
			return
		}
	}
	e.Ajouter(a, v)
}

// Composer gives a value made of two words, either of which may be empty.
func (e *Entree) Composer(a Attribut, x, y string) {
	if x == "" || y == "" || !e.besoin.a(a) {
		e.Ajouter(a, x+y)
		return
	}
	d := len(e.octets)
	e.octets = append(append(append(e.octets, x...), ' '), y...)
	e.valeurs = append(e.valeurs, valeur{a, uint32(d), uint32(len(e.octets))})
}

// valeur is the i-th value, of any attribute.
func (e *Entree) valeur(i int) []byte { return e.octets[e.valeurs[i].debut:e.valeurs[i].fin] }

// encoder writes the entry as an answer to a search. ref: RFC 4511 §4.5.2
func (e *Entree) encoder(w *ecrit, id int32, s selection, typesSeuls bool) {
	m := w.ouvrir(tagSequence)
	w.entier(tagEntier, id)
	r := w.ouvrir(reponseEntree)
	w.octets(tagOctets, e.nom)
	l := w.ouvrir(tagSequence)
	for i := 0; i < len(e.valeurs); {
		a := e.valeurs[i].attr
		fin := i + 1
		for fin < len(e.valeurs) && e.valeurs[fin].attr == a {
			fin++
		}
		if s.a(a) {
			e.attribut(w, a, i, fin, typesSeuls)
		}
		i = fin
	}
	w.fermer(l)
	w.fermer(r)
	w.fermer(m)
}

func (e *Entree) attribut(w *ecrit, a Attribut, i, fin int, typesSeuls bool) {
	t := w.ouvrir(tagSequence)
	w.texte(tagOctets, a.surLeFil())
	v := w.ouvrir(tagEnsemble)
	for ; i < fin && !typesSeuls; i++ {
		w.octets(tagOctets, e.valeur(i))
	}
	w.fermer(v)
	w.fermer(t)
}
