package roc

import (
	"net/netip"
	"testing"
)

// Nothing leaves for the machine itself nor for a private network, but where it was
// said that it may.
func TestRefuserPrivee(t *testing.T) {
	sauf := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	for adresse, admise := range map[string]bool{
		"93.184.216.34:443": true, "[2606:4700::6810:84e5]:443": true, "10.20.3.4:443": true, "[::ffff:10.20.3.4]:443": true,
		"127.0.0.1:443": false, "127.8.8.8:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false, "0.0.0.0:443": false, "0.1.2.3:443": false, "[::]:443": false,
		"10.0.0.1:443": false, "10.21.0.1:443": false, "172.16.9.9:443": false, "192.168.1.1:443": false, "169.254.169.254:80": false,
		"[fe80::1%eth0]:443": false, "[fd00::1]:443": false, "100.64.0.1:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false,
		"240.0.0.1:443": false, "198.18.0.1:443": false, "192.0.2.7:443": false, "[2001:db8::1]:443": false, "[2002:7f00:1::]:443": false,
		"[64:ff9b::7f00:1]:443": false, "[2001:0:53aa::1]:443": false, "nom:443": false,
	} {
		if err := refuserPrivee(adresse, sauf); (err == nil) != admise {
			t.Errorf("%s : %v", adresse, err)
		}
	}
}
