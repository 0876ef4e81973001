package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/dronesim"
	"hemolift/web"
)

// demoFlags are the demonstration's own.
type demoFlags struct {
	seed            uint64
	drones          int
	requestsPerHour float64
	forgotten       float64 // share of the boxes
	lang            string
}

const maxDemoDrones = 200

// check refuses a flag out of its range, by name.
func (d demoFlags) check(rate float64) error {
	switch {
	case !(rate >= 0.1 && rate <= 60):
		return errors.New("-speed is not within 0.1 to 60")
	case d.drones < 1 || d.drones > maxDemoDrones:
		return fmt.Errorf("-drones is not within 1 to %d", maxDemoDrones)
	case !(d.forgotten >= 0 && d.forgotten <= 1):
		return errors.New("-forgotten is not within 0 to 1")
	case !(d.requestsPerHour >= 0 && d.requestsPerHour <= 1000):
		return errors.New("-requests-per-hour is not within 0 to 1000")
	case d.lang != "zh" && d.lang != "en":
		return errors.New("-lang is neither zh nor en")
	}
	return nil
}

func demo(ctx context.Context, args []string, out io.Writer) error {
	s := settings{
		demo:       true,
		mqttAddr:   "127.0.0.1:0",
		networkDir: network.Shenyang(),
		log:        slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	var d demoFlags
	fl := flag.NewFlagSet("demo", flag.ContinueOnError)
	s.flags(fl)
	fl.Uint64Var(&d.seed, "seed", 1, "seed of the wind, the stock and the requests")
	fl.IntVar(&d.drones, "drones", 12, "simulated drones, 1 to 200")
	fl.Float64Var(
		&d.forgotten,
		"forgotten",
		0,
		"share of the boxes, 0 to 1, that are packed unfrozen with their lid ajar and stand in the sun",
	)
	fl.Float64Var(&d.requestsPerHour, "requests-per-hour", 10, "requests that arrive by themselves, per simulated hour; 0 = none")
	fl.Float64Var(&s.rate, "speed", 4, "simulated seconds per second, 0.1 to 60")
	fl.StringVar(&d.lang, "lang", "zh", "language of the printed lines, zh or en; the page has a switch")
	fl.StringVar(&s.mqttAddr, "mqtt-addr", "127.0.0.1:0", "address of the device door, host:port; port 0 = any free one")
	if err := parse(fl, args); err != nil {
		return err
	}
	if err := errors.Join(d.check(s.rate), s.check()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.MkdirAll(s.data, 0o755); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	s.networkDir = withDrones(s.networkDir, d.drones)
	a, err := build(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	password, tokens, err := a.demoAccounts(ctx)
	if err != nil {
		return err
	}
	fleet, err := a.demoFleet(ctx, d)
	if err != nil {
		return err
	}
	g := &groundCrew{url: a.url(), tokens: tokens, fleet: fleet, now: a.clock.now, network: a.network, log: s.log}
	t := &traffic{
		url:     a.url(),
		tokens:  tokens,
		perHour: d.requestsPerHour,
		seed:    d.seed,
		now:     a.clock.now,
		rate:    s.rate,
		network: a.network,
		log:     s.log,
	}
	printWelcome(out, a, password, d.lang)
	return a.run(ctx, fleet.Run, g.run, t.run)
}

// people are the demonstration's accounts: two at each centre, so that the
// second-person check can be tried.
var people = []network.Account{
	{Login: "li.jing", NameZH: "李静", NameEN: "Li Jing", Role: network.RoleDispatcher, Site: "SYBC"},
	{Login: "wang.lei", NameZH: "王磊", NameEN: "Wang Lei", Role: network.RoleDispatcher, Site: "SYBC"},
	{Login: "zhao.min", NameZH: "赵敏", NameEN: "Zhao Min", Role: network.RoleDispatcher, Site: "SYN2"},
	{Login: "chen.jie", NameZH: "陈杰", NameEN: "Chen Jie", Role: network.RoleDispatcher, Site: "SYN2"},
	{Login: "zhang.min", NameZH: "张敏", NameEN: "Zhang Min", Role: network.RoleHospital, Site: "SY06"},
	{Login: "liu.yang", NameZH: "刘洋", NameEN: "Liu Yang", Role: network.RoleHospital, Site: "LNPH"},
	{Login: "sun.tao", NameZH: "孙涛", NameEN: "Sun Tao", Role: network.RoleController},
	{Login: "qin.yue", NameZH: "秦悦", NameEN: "Qin Yue", Role: network.RoleQuality},
	{Login: "admin", NameZH: "管理员", NameEN: "Administrator", Role: network.RoleAdmin},
}

// demoAccounts makes the accounts at the first start, and tokens for the programs.
func (a *app) demoAccounts(ctx context.Context) (password string, tokens map[string]string, err error) {
	if password, err = keptSecret(filepath.Join(a.data, "demo-password")); err != nil {
		return "", nil, err
	}
	if _, err := a.db.Accounts.Account(ctx, people[0].Login); errors.Is(err, refusal.ErrNotFound) {
		hash, err := web.PasswordHash(password)
		if err != nil {
			return "", nil, err
		}
		for _, p := range people {
			p.PasswordHash = hash
			if _, err := a.db.Accounts.SaveAccount(ctx, p); err != nil {
				return "", nil, err
			}
		}
	}
	programs := []network.Account{
		{Login: crewA, NameZH: "模拟班组甲", NameEN: "Simulated crew A", Role: network.RoleDispatcher},
		{Login: crewB, NameZH: "模拟班组乙", NameEN: "Simulated crew B", Role: network.RoleDispatcher},
	}
	for _, s := range a.network.Sites {
		if s.Kind == network.Hospital {
			programs = append(
				programs,
				network.Account{Login: wardOf(s.ID), NameZH: "模拟输血科", NameEN: "Simulated ward", Role: network.RoleHospital, Site: s.ID},
			)
		}
	}
	tokens = map[string]string{}
	for _, p := range programs {
		p.PasswordHash, p.Automated = network.NoPassword, true
		if _, err := a.db.Accounts.SaveAccount(ctx, p); err != nil {
			return "", nil, err
		}
		tokens[p.Login] = rand.Text()
		session := network.Session{
			Login: p.Login, Kind: network.ByToken, Agent: "the demonstration", OpenedAt: time.Now(), ExpiresAt: time.Now().Add(365 * 24 * time.Hour),
		}
		if err := a.db.Accounts.OpenSession(ctx, tokens[p.Login], "", session, a.clock.now()); err != nil {
			return "", nil, err
		}
	}
	return password, tokens, nil
}

func wardOf(s network.SiteID) string { return "ward." + strings.ToLower(string(s)) }

// keptSecret reads a secret from a file, made at the first call.
func keptSecret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	secret := strings.ToLower(rand.Text()[:10])
	return secret, os.WriteFile(file, []byte(secret+"\n"), 0o600)
}

// demoFleet gives every device its credential and makes the simulated fleet.
func (a *app) demoFleet(ctx context.Context, d demoFlags) (*dronesim.Fleet, error) {
	secrets, err := a.deviceSecrets(ctx)
	if err != nil {
		return nil, err
	}
	cfg := dronesim.Config{
		Broker:     a.mqtt.Addr(),
		Seed:       d.seed,
		GroundAltM: a.network.GroundAltM(),
		Memory:     filepath.Join(a.data, "sim", "fleet.json"),
		Log:        a.log,
	}
	for i, x := range a.network.Drones {
		class, _ := a.network.Class(x.Class)
		home, _ := a.network.Site(x.Home)
		if i < d.drones {
			cfg.Drones = append(cfg.Drones, dronesim.Drone{ID: x.ID, Secret: secrets[x.ID], Class: class, Home: home.Point})
		}
	}
	forget := mathrand.New(mathrand.NewPCG(d.seed, 0x666f7267))
	for _, x := range a.network.Boxes {
		bt, _ := a.network.BoxType(x.Type)
		p := a.dispatcher.Profiles()[bt.Profile]
		cfg.Boxes = append(
			cfg.Boxes,
			dronesim.Box{
				ID:        x.ID,
				Secret:    secrets[x.ID],
				Design:    bt.Thermal,
				PackedAtC: bt.PackedAtC(),
				Interval:  p.Interval,
				Forgotten: forget.Float64() < d.forgotten,
			},
		)
	}
	return dronesim.New(cfg)
}

// deviceSecrets makes credentials for devices that have none yet, and keeps them
// where the simulated devices are.
func (a *app) deviceSecrets(ctx context.Context) (map[telemetry.DeviceID]string, error) {
	file := filepath.Join(a.data, "sim", "secrets.json")
	secrets := map[telemetry.DeviceID]string{}
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &secrets)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("device secrets: %w", err)
	}
	var ids []telemetry.DeviceID
	for _, x := range a.network.Drones {
		ids = append(ids, x.ID)
	}
	for _, x := range a.network.Boxes {
		ids = append(ids, x.ID)
	}
	for _, id := range ids {
		if secrets[id] == "" {
			secrets[id] = rand.Text()
			if err := a.db.Devices.SetDeviceSecret(ctx, id, secrets[id], network.System, a.clock.now()); err != nil {
				return nil, err
			}
		}
	}
	if b, err = json.Marshal(secrets); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return secrets, os.WriteFile(file, b, 0o600)
}

func printWelcome(out io.Writer, a *app, password, lang string) {
	head, accounts, note := "Hemolift 演示已启动", "演示账号（密码均为", "示意数据，不用于飞行，不构成医疗建议。Ctrl-C 停止，再次启动会接着运行。"
	if lang == "en" {
		head, accounts = "Hemolift demo is running", "demo accounts (password for all:"
		note = "Demonstration data: not for flight, not medical advice. Ctrl-C stops; started again it goes on."
	}
	fmt.Fprintf(out, "%s  %s\n%s %s)\n", head, a.url(), accounts, password)
	for _, p := range people {
		name := p.NameZH
		def, _ := a.network.Roles.Def(p.Role)
		role := def.NameZH
		if lang == "en" {
			name, role = p.NameEN, def.NameEN
		}
		fmt.Fprintf(out, "  %-10s %-10s %s %s\n", p.Login, role, p.Site, name)
	}
	fmt.Fprintf(out, "MQTT %s\n%s\n", a.mqtt.Addr(), note)
}
