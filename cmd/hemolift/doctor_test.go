package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hemolift/web/provider/providertest"
)

// pairUntil writes a certificate that ends at a time, and its key, which others may read.
func pairUntil(t *testing.T, dir string, end time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "blood.example"}, DNSNames: []string{"blood.example"},
		NotBefore: end.Add(-90 * 24 * time.Hour), NotAfter: end,
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A certificate that ends tonight, one that has ended and a key that others read are told.
func TestTheDoctorLooksAtCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		ends time.Time
		want grade
	}{
		"two months":   {now.Add(60 * 24 * time.Hour), fine},
		"tonight":      {now.Add(6 * time.Hour), odd},
		"it has ended": {now.Add(-time.Hour), bad},
		"not yet":      {now.Add(91 * 24 * time.Hour), bad},
	} {
		cert, key := pairUntil(t, t.TempDir(), c.ends)
		list := (&settings{cert: cert, key: key}).certificates(now)
		if len(list) != 2 || list[0].grade != c.want || !strings.Contains(list[0].says, "blood.example") || list[1].grade != odd {
			t.Errorf("%s: %+v, want %s", name, list, c.want)
		}
	}
}

func TestTheDoctorAsksForAUserOfItsOwn(t *testing.T) {
	if root, other := userOf(0), userOf(999); root.grade != odd || other.grade != fine {
		t.Errorf("root: %v, another user: %v", root, other)
	}
}

// The doctor of a running server finds nothing bad; what is bad ends it with an error.
func TestTheDoctorOnARunningServer(t *testing.T) {
	t.Parallel()
	data, backups := dataDir(t), dataDir(t)
	p := startDemo(t, data, "-requests-per-hour", "0")
	looks := func(args ...string) (string, error) {
		return hemolift(t, append([]string{"doctor", "-data", data, "-addr", p.addr, "-mqtt-addr", p.mqtt}, args...)...)
	}
	said, err := looks()
	if err != nil || !strings.Contains(said, "answers as a hemolift") || !strings.Contains(said, "ok    schema: version") {
		t.Errorf("%s%v", said, err)
	}
	said, err = looks("-backups", backups)
	if err == nil || !strings.Contains(said, "bad   backups: "+backups+" holds none") {
		t.Errorf("without a backup: %s%v", said, err)
	}
	if said, err := hemolift(t, "backup", "-data", data, "-to", backups, "-untried"); err != nil {
		t.Fatalf("%s%v", said, err)
	}
	if said, err = looks("-backups", backups); err != nil || !strings.Contains(said, "ok    backups: the newest of 1") {
		t.Errorf("with one: %s%v", said, err)
	}
	given := bundled(t, p, looks)
	for name, want := range map[string]string{
		"doctor.txt": "ok    schema: version", "program.txt": "jackc/pgx", "settings.txt": `-data "` + data, "record.txt": "policy: ",
	} {
		if !strings.Contains(given[name], want) {
			t.Errorf("%s says nothing of %q: %s", name, want, given[name])
		}
	}
	if _, err := looks("-bundle", p.data+"/bundle.zip"); err == nil {
		t.Error("a bundle was overwritten")
	}
	p.sql(`UPDATE schema_version SET version = version + 1`)
	if said, err = looks(); err == nil || !strings.Contains(said, "of a newer program") {
		t.Errorf("a newer schema: %s%v", said, err)
	}
	p.sql(`UPDATE schema_version SET version = version - 2`)
	if said, err = looks(); err != nil || !strings.Contains(said, "warn  schema:") {
		t.Errorf("an older schema: %s%v", said, err)
	}
	said, err = looks("-tls-cert", "/nothing", "-policy", "/nothing", "-network", "/nothing", "-archive", "/nothing")
	for _, of := range []string{"settings", "-policy", "-network", "archive"} {
		if err == nil || !strings.Contains(said, "bad   "+of+": ") {
			t.Errorf("%s is not told: %s", of, said)
		}
	}
}

// bundled are the parts of what the doctor gives to who helps, in which nobody is named.
func bundled(t *testing.T, p *process, looks func(...string) (string, error)) map[string]string {
	t.Helper()
	file := p.data + "/bundle.zip"
	if said, err := looks("-bundle", file); err != nil {
		t.Fatalf("%s%v", said, err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[path.Base(f.Name)] = string(text)
		for _, no := range []string{"li.jing", "zhang.min", p.password, "A9999"} {
			if strings.Contains(string(text), no) {
				t.Errorf("%s names %q", f.Name, no)
			}
		}
	}
	return parts
}

// A line of the log is one object of JSON where that is asked for.
func TestTheLogInJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	(&settings{logJSON: true}).logger(&b).Info("it runs", "drone", "HL-01")
	var line struct{ Level, Msg, Drone string }
	if err := json.Unmarshal(b.Bytes(), &line); err != nil || line.Msg != "it runs" || line.Drone != "HL-01" || line.Level != "INFO" {
		t.Errorf("%s: %v", b.String(), err)
	}
}

func TestTheDoctorAsksTheIdentityProvider(t *testing.T) {
	t.Parallel()
	const page = "http://127.0.0.1:1"
	at := providertest.New(t, page+"/auth/callback")
	for issuer, want := range map[string]string{
		at.URL:                "ok    identity provider: " + at.URL + " answers",
		at.URL + "/elsewhere": "people can sign in by passwords meanwhile",
	} {
		said, _ := hemolift(t, "doctor", "-data", t.TempDir(), "-oidc-issuer", issuer, "-oidc-client", "x", "-page", page)
		if !strings.Contains(said, want) {
			t.Errorf("%s: no %q in\n%s", issuer, want, said)
		}
	}
	for flags, want := range map[string]string{
		"-oidc-client x":                  "go with -oidc-issuer",
		"-oidc-issuer https://id.example": "-page is missing",
		"-oidc-issuer http://id.example -oidc-client x -page https://a.example":                    "want https",
		"-oidc-issuer https://id.example -page https://a.example":                                  "client id: is missing",
		"-oidc-issuer https://id.example -oidc-client x -page https://a.example -oidc-roles /none": "-oidc-roles: open /none",
	} {
		if said, err := hemolift(t, append([]string{"serve", "-data", t.TempDir()}, strings.Fields(flags)...)...); err == nil || !strings.Contains(said, want) {
			t.Errorf("%s: %s%v, want %q", flags, said, err, want)
		}
	}
}
