package main

import (
	"context"
	"net"
	"strconv"
	"time"

	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/gateway"
	"hemolift/web/api"
)

// deviceDoor is where devices connect.
func (a *app) deviceDoor(encrypted bool) api.DeviceDoor {
	_, port, _ := net.SplitHostPort(a.mqtt.Addr())
	n, _ := strconv.Atoi(port) // of an address that is listened on
	return api.DeviceDoor{Port: n, Tls: encrypted}
}

// credentials are the devices' secrets; another one ends the connection of the old.
type credentials struct {
	*dispatchdb.Devices
	door *gateway.MQTT
}

func (c credentials) SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string, by network.Actor, now time.Time) error {
	if err := c.Devices.SetDeviceSecret(ctx, id, secret, by, now); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}

func (c credentials) RevokeDeviceSecret(ctx context.Context, id telemetry.DeviceID, by network.Actor, now, at time.Time) error {
	if err := c.Devices.RevokeDeviceSecret(ctx, id, by, now, at); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}

func (c credentials) Enrol(ctx context.Context, id telemetry.DeviceID, code, secret string, now, at time.Time) error {
	if err := c.Devices.Enrol(ctx, id, code, secret, now, at); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}
