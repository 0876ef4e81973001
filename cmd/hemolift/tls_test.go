package main

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// certificate makes one of 127.0.0.1, with its key.
func certificate(t *testing.T) (cert, key string, trusted *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, own, own, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trusted = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted.AddCert(parsed)
	return cert, key, trusted
}

// Neither door carries secrets in plain text beyond this machine, unless it is told to.
func TestPlainTextStaysOnLoopback(t *testing.T) {
	cert, key, _ := certificate(t)
	for _, tt := range []struct {
		name string
		s    settings
		says string // empty: it is let
		tls  bool   // of the device door
	}{
		{"both on loopback", settings{addr: "127.0.0.1:1", mqttAddr: "[::1]:2"}, "", false},
		{"by name", settings{addr: "localhost:1", mqttAddr: "localhost:2"}, "", false},
		{"the page beyond", settings{addr: "0.0.0.0:1", mqttAddr: "127.0.0.1:2"}, "-addr", false},
		{"the page on every address", settings{addr: ":1", mqttAddr: "127.0.0.1:2"}, "-addr", false},
		{"the page beyond, by IPv6", settings{addr: "[::]:1", mqttAddr: "127.0.0.1:2"}, "-addr", false},
		{"the page beyond, by another name", settings{addr: "desk.example:1", mqttAddr: "127.0.0.1:2"}, "-addr", false},
		{"devices beyond", settings{addr: "127.0.0.1:1", mqttAddr: "0.0.0.0:2"}, "-mqtt-addr", false},
		{"devices beyond, by the server's certificate", settings{addr: "0.0.0.0:1", mqttAddr: "0.0.0.0:2", cert: cert, key: key}, "", true},
		{"devices on loopback, with the server's certificate", settings{addr: "0.0.0.0:1", mqttAddr: "127.0.0.1:2", cert: cert, key: key}, "", false},
		{"devices on loopback, with their own", settings{addr: "127.0.0.1:1", mqttAddr: "127.0.0.1:2", mqttCert: cert, mqttKey: key}, "", true},
		{"the page beyond, only devices encrypted", settings{addr: "0.0.0.0:1", mqttAddr: "0.0.0.0:2", mqttCert: cert, mqttKey: key}, "-addr", true},
		{"told to", settings{addr: "0.0.0.0:1", mqttAddr: "0.0.0.0:2", plain: true}, "", false},
		{"half a certificate", settings{addr: "127.0.0.1:1", mqttAddr: "127.0.0.1:2", mqttCert: cert}, "-mqtt-tls-cert", false},
		{"a certificate that is none", settings{addr: "127.0.0.1:1", mqttAddr: "127.0.0.1:2", cert: key, key: cert}, "-tls-cert", false},
		{"fewer than no screens", settings{addr: "127.0.0.1:1", mqttAddr: "127.0.0.1:2", viewers: -1}, "-viewers", false},
		{"no port", settings{addr: "8091", mqttAddr: "127.0.0.1:2"}, "want host:port", false},
	} {
		tt.s.quota, tt.s.viewers = 1, cmp.Or(tt.s.viewers, 1)
		err := tt.s.check()
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
		if tt.says == "" {
			if c, err := tt.s.deviceTLS(); err != nil || (c != nil) != tt.tls {
				t.Errorf("%s: the device door has %v, %v", tt.name, c, err)
			}
		}
	}
}

// The device door speaks TLS with whoever trusts its certificate, and plain text with nobody.
func TestADeviceDoorWithTLS(t *testing.T) {
	cert, key, trusted := certificate(t)
	door, _ := startServer(t, "", "-mqtt-tls-cert", cert, "-mqtt-tls-key", key)
	connect := func(scheme string, c *tls.Config) error {
		o := mqtt.NewClientOptions().AddBroker(scheme + "://" + door).SetClientID("BX-1").SetUsername("BX-1").SetPassword("guessed")
		token := mqtt.NewClient(o.SetTLSConfig(c).SetAutoReconnect(false).SetConnectTimeout(20 * time.Second)).Connect()
		token.Wait()
		return token.Error()
	}
	if err := connect("ssl", &tls.Config{RootCAs: trusted}); !errors.Is(err, packets.ErrorRefusedNotAuthorised) {
		t.Errorf("with TLS, and a secret that is guessed: %v", err)
	}
	if err := connect("ssl", &tls.Config{RootCAs: x509.NewCertPool()}); err == nil || errors.Is(err, packets.ErrorRefusedNotAuthorised) {
		t.Errorf("with TLS, and nobody trusted: %v", err)
	}
	if err := connect("tcp", nil); err == nil || errors.Is(err, packets.ErrorRefusedNotAuthorised) {
		t.Errorf("in plain text: %v", err)
	}
}
