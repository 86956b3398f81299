"""TFRecord: ``tf.train.Example`` messages in Beam's own framing, written and read without TensorFlow."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import FIELDS, PICTURE, Row
from howsitgoing_models.errors import DataError

ABOUT: Final = "TFRecord files of tf.train.Example"
ENCODED: Final = "image/encoded"
_HEAD: Final = struct.Struct("<QI")
"""Length of the record, and its checksum"""
_CHECKSUM: Final = 4
_LISTS: Final = {bytes: "bytes_list", str: "bytes_list", float: "float_list", int: "int64_list"}


def path(split: str, number: int, of: int) -> str:
    """See `Form.path`: as TensorFlow Datasets names its shards."""
    return f"data/{split}.tfrecord-{number:05}-of-{of:05}"


def write(place: Place, name: str, rows: Sequence[Row]) -> None:
    """See `Form.write`: what is not known of a row has no feature."""
    from apache_beam.io.tfrecordio import _TFRecordUtil

    with place.write(name) as file:
        for row in rows:
            example = _example()()
            features = example.features.feature
            features[ENCODED].bytes_list.value.append(row[PICTURE])
            features["image/format"].bytes_list.value.append(b"jpeg")
            for field, kind in FIELDS.items():
                if row[field] is not None:
                    value = row[field].encode() if kind is str else row[field]
                    getattr(features[field], _LISTS[kind]).value.append(value)
            _TFRecordUtil.write_record(file, example.SerializeToString(deterministic=True))


def read(place: Place, name: str) -> Iterator[Row]:
    """See `Form.read`: without Beam, since it is not there where networks are trained."""
    from google.protobuf.message import DecodeError

    try:
        with place.open(name) as file:
            while head := file.read(_HEAD.size):
                length, _ = _HEAD.unpack(head)  # the checksums are those of the manifest's file
                features = _example().FromString(file.read(length)).features.feature
                file.read(_CHECKSUM)
                row: Row = {field: _value(features, field, kind) for field, kind in FIELDS.items()}
                row[PICTURE] = _value(features, ENCODED, bytes)
                yield row
    except (ValueError, struct.error, DecodeError) as error:
        raise DataError(f"{place.path(name)} is no shard of an export ({str(error)[:80]})") from error


def _value(features: Any, field: str, kind: type) -> Any:  # noqa: ANN401  messages made at run time carry no types
    if field not in features:
        return None
    (value,) = getattr(features[field], _LISTS[kind]).value
    return value.decode() if kind is str else value


@functools.cache
def _example() -> Any:  # noqa: ANN401
    """``tf.train.Example``, as tensorflow/core/example/{example,feature}.proto define it."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    def message(name: str, *fields: tuple[str, int, int, str, bool]) -> descriptor_pb2.DescriptorProto:
        made = descriptor_pb2.DescriptorProto(name=name)
        for field, number, kind, of, many in fields:
            label = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED if many else 1
            made.field.add(name=field, number=number, type=kind, type_name=of or None, label=label)
        return made

    text, blob, real, whole, inner = 9, 12, 2, 3, 11
    package = ".howsitgoing.example."  # one of our own, since TensorFlow may be loaded beside it
    entry = message("FeatureEntry", ("key", 1, text, "", False), ("value", 2, inner, package + "Feature", False))
    entry.options.map_entry = True
    features = message("Features", ("feature", 1, inner, package + "Features.FeatureEntry", True))
    features.nested_type.append(entry)
    kinds = (("bytes_list", 1, "BytesList"), ("float_list", 2, "FloatList"), ("int64_list", 3, "Int64List"))
    feature = message("Feature", *((name, number, inner, package + kind, False) for name, number, kind in kinds))
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    file = descriptor_pb2.FileDescriptorProto(name="howsitgoing/example.proto", package=package.strip("."), syntax="proto3")
    file.message_type.extend(
        (
            message("BytesList", ("value", 1, blob, "", True)),
            message("FloatList", ("value", 1, real, "", True)),
            message("Int64List", ("value", 1, whole, "", True)),
            feature,
            features,
            message("Example", ("features", 1, inner, package + "Features", False)),
        )
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(package.strip(".") + ".Example"))
