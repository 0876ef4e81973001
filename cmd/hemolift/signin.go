package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hemolift/web/passkey"
	"hemolift/web/provider"
)

// outsideSignIn is how people may sign in beside a password of this server: by the organisation's
// identity provider, or by a passkey.
type outsideSignIn struct {
	config     provider.Config
	secretFile string
	page       string // address of this server, as people's browsers know it
	roles      string // file
	ca         string // file

	mapping  provider.Mapping
	provider *provider.Provider // nil: none
	keys     *passkey.Door      // nil: no passkeys
}

func (o *outsideSignIn) flags(fl *flag.FlagSet) {
	const rolesHelp = "CSV file: which value of the claim is which role at which site (value,role,site); without it only who joined an account"
	fl.StringVar(&o.config.Issuer, "oidc-issuer", "", "address of an identity provider (OpenID Connect) that people may sign in by")
	fl.StringVar(&o.config.ClientID, "oidc-client", "", "what the provider calls this server (client id)")
	fl.StringVar(&o.secretFile, "oidc-secret", "", "file of this server's secret at the provider; none: a public client")
	fl.StringVar(&o.page, "page", "", "address of this server as browsers know it, as https://blood.example: passkeys belong to it, and "+
		"an identity provider sends people back to ADDRESS/auth/callback")
	fl.StringVar(&o.config.Name, "oidc-name", "", "what the sign-in page calls the provider; its host, if it is left out")
	fl.StringVar(&o.config.Claim, "oidc-claim", "groups", "the claim that says what somebody is")
	fl.StringVar(&o.roles, "oidc-roles", "", rolesHelp)
	fl.StringVar(&o.ca, "oidc-ca", "", "file (PEM) of the authorities that sign the provider's certificate, instead of the system's")
}

// check refuses what cannot work, and reads what the others say.
func (o *outsideSignIn) check() (err error) {
	if o.page != "" {
		// A provider works with an address that is a number; passkeys do not.
		if o.keys, err = passkey.New(o.page, time.Now); err != nil && o.config.Issuer == "" {
			return fmt.Errorf("-page: %w", err)
		}
	}
	if o.config.Issuer == "" {
		if o.config.ClientID+o.secretFile+o.config.Name+o.roles+o.ca != "" {
			return errors.New("the flags -oidc-… go with -oidc-issuer")
		}
		return nil
	}
	if o.page == "" {
		return errors.New("-page is missing: the address of this server as browsers know it")
	}
	o.config.Callback, o.config.Now = strings.TrimSuffix(o.page, "/")+"/auth/callback", time.Now
	if o.secretFile != "" {
		secret, err := os.ReadFile(o.secretFile)
		if err != nil {
			return fmt.Errorf("-oidc-secret: %w", err)
		}
		o.config.Secret = strings.TrimSpace(string(secret))
	}
	if o.ca != "" {
		if o.config.Roots, err = readRoots("oidc-ca", o.ca); err != nil {
			return err
		}
	}
	if o.roles != "" {
		f, err := os.Open(o.roles)
		if err != nil {
			return fmt.Errorf("-oidc-roles: %w", err)
		}
		defer f.Close()
		if o.mapping, err = provider.ReadMapping(filepath.Base(o.roles), f); err != nil {
			return fmt.Errorf("-oidc-roles: %w", err)
		}
	}
	if o.provider, err = provider.New(o.config); err != nil {
		return fmt.Errorf("-oidc: %w", err)
	}
	return nil
}

// looked is whether the provider describes itself as it should.
func (o *outsideSignIn) looked(ctx context.Context) []finding {
	if o.provider == nil {
		return nil
	}
	if _, _, err := o.provider.Begin(ctx, provider.Wish{}); err != nil {
		return []finding{found(odd, "identity provider", "%v; people can sign in by passwords meanwhile", err)}
	}
	return []finding{found(fine, "identity provider", "%s answers", o.config.Issuer)}
}

// readRoots reads a file of authorities.
func readRoots(flagName, file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("-%s: %w", flagName, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-%s %s: holds no certificate", flagName, file)
	}
	return roots, nil
}
