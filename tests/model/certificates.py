"""Authorities of our own, and certificates of theirs for addresses of this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """What signs certificates."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """What a user who trusts it has in a file."""
        return _pem(self.certificate)

    @classmethod
    def made(cls, called: str) -> Authority:
        """Make one that vouches for itself."""
        key, name = ec.generate_private_key(ec.SECP256R1()), _named(called)
        wanted = _unsigned(name, name, key, datetime.now(UTC) + HOUR)
        wanted = wanted.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return cls(name, key, wanted.sign(key, hashes.SHA256()))

    def certify(self, file: Path, address: str, until: datetime) -> Path:
        """Write a key and a certificate for an address into a file."""
        key = ec.generate_private_key(ec.SECP256R1())
        place = x509.IPAddress(ipaddress.ip_address(address))
        wanted = _unsigned(_named("server"), self.name, key, until)
        wanted = wanted.add_extension(x509.SubjectAlternativeName([place]), critical=False)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(secret + _pem(wanted.sign(self.key, hashes.SHA256())))
        return file


def _named(word: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, word)])


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=until - 48 * HOUR,
        not_valid_after=until,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
