package droits

import "testing"

// What tells a product is told T621, in a question of rights and in invoices, that have lines;
// what is ours, and a mere mistake, is not.
func TestExaminerDelivrance(t *testing.T) {
	for contenu, want := range map[string][2]bool{ // of rights, of invoices
		`{"corps":{"codeProduit":"X"}}`:                                {true, true},
		`{"corps":{"patient":{"autre":[{"CIP13":1}]}}}`:                {true, true},
		`{"corps":{"autre":3400930000007}}`:                            {true, true},
		`{"lignes":[]}`:                                                {true, false},
		`{"corps":{"quantite":1,"baseAMO":100}}`:                       {true, false},
		`{"corps":{"prestationsSpecifiques":"oui","nom":"X"}}`:         {false, false},
		`{"enveloppe":{"emetteur":{"id":"3400930000007"}},"corps":{}}`: {false, false},
		`<B><D><corps><carte><cip>1</cip></carte></corps></D></B>`:     {true, true},
		`<B><D><corps a="3400930000007"/></D></B>`:                     {true, true},
		`<B><D><corps><autre>12</autre></corps></D></B>`:               {false, false},
		`<B><D><corps><lignes><quantite>1</quantite></lignes></corps>`: {true, false},
		``: {false, false},
	} {
		if got := [2]bool{ExaminerDelivrance([]byte(contenu), false), ExaminerDelivrance([]byte(contenu), true)}; got != want {
			t.Errorf("%s : %v, attendu %v", contenu, got, want)
		}
	}
}

func FuzzExaminerDelivrance(f *testing.F) {
	f.Add([]byte(`{"corps":{"patient":{"nom":"X","codeProduit":"3400930000007"}}}`))
	f.Add([]byte(`<D><corps><lignes lpp="1"/><!-- x --></corps></D>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ExaminerDelivrance(b, true) && !ExaminerDelivrance(b, false) {
			t.Error("une facture serait plus stricte qu'une demande de droits")
		}
		if !ExaminerDelivrance(append([]byte(`{"codeProduit":1,"corps":`), append(b, '}')...), true) && ExaminerDelivrance(append([]byte(`{"corps":`), append(b, '}')...), true) {
			t.Error("un membre de plus en cache un autre")
		}
	})
}
