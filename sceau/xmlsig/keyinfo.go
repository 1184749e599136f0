package xmlsig

import "bytes"

// lireKeyInfo looks for certificates in ds:KeyInfo, ds:X509Data and
// wsse:SecurityTokenReference, as the clients in use nest them. What else is
// there is only a hint, left aside.
func (v *lecture) lireKeyInfo(niveau int) error {
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		switch {
		case niveau < 3 && (v.Est(espaceDS, "X509Data") || v.Est(espaceWSSE, "SecurityTokenReference")):
			err = v.lireKeyInfo(niveau + 1)
		case niveau > 0 && v.Est(espaceDS, "X509Certificate"):
			err = v.lireCertificat()
		case niveau > 0 && v.Est(espaceWSSE, "Reference"):
			err = v.lireReferenceJeton()
		default:
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) lireCertificat() error {
	s := &v.sceau
	if len(s.certs)+len(v.jetons) == maxCertificats {
		return refus(MotifLimite, "trop de certificats")
	}
	der, err := v.base64Seul(nil)
	if err != nil {
		return err
	}
	s.certs = append(s.certs, der)
	return nil
}

func (v *lecture) lireReferenceJeton() error {
	uri := v.attribut("URI")
	if len(uri) < 2 || uri[0] != '#' || v.sceau.jeton != nil {
		return refus(MotifCertificat, "référence de jeton mal formée, externe ou répétée")
	}
	v.sceau.jeton = v.garder(uri[1:])
	return v.sauter()
}

// lireJeton reads a wsse:BinarySecurityToken.
func (v *lecture) lireJeton() error {
	if t := v.attribut("ValueType"); string(t) != typeX509v3 {
		return v.sauter() // another kind of token: not ours to read
	}
	if e := v.attribut("EncodingType"); e != nil && string(e) != encBase64 {
		return refus(MotifCertificat, "jeton qui n'est pas en base64")
	}
	if len(v.sceau.certs)+len(v.jetons) == maxCertificats {
		return refus(MotifLimite, "trop de certificats")
	}
	var j jeton
	for i := range v.NbAttributs() {
		if a := v.Attribut(i); a.Est(espaceWSU, "Id") {
			j.id = v.garder(a.Valeur)
		}
	}
	var err error
	if j.der, err = v.base64Seul(nil); err != nil {
		return err
	}
	v.jetons = append(v.jetons, j)
	return nil
}

// certificats gives the certificate said to be the signer's, then the others.
func (v *lecture) certificats() (feuille []byte, autres [][]byte, err error) {
	s := &v.sceau
	if s.jeton == nil {
		if len(s.certs) == 0 {
			return nil, nil, refus(MotifCertificat, "aucun certificat avec la signature")
		}
		feuille, autres = s.certs[0], s.certs[1:]
		for i := range v.jetons {
			autres = append(autres, v.jetons[i].der)
		}
		return feuille, autres, nil
	}
	autres = s.certs
	for i := range v.jetons {
		if j := &v.jetons[i]; feuille == nil && bytes.Equal(j.id, s.jeton) {
			feuille = j.der
		} else {
			autres = append(autres, j.der)
		}
	}
	if feuille == nil {
		return nil, nil, refus(MotifCertificat, "le jeton désigné n'est pas dans le message")
	}
	return feuille, autres, nil
}
